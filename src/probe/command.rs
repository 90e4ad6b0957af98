//! One command: its own process group, a cleared environment, the end of its output, and a time at which it
//! is killed with all it started.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;

use super::number::number_after;
use crate::plan::command::CommandOutcome;

/// How much of the end of an output is recorded.
const RECORDED_BYTES: usize = 2048;
/// Characters of the sentence that says how it ended.
const ENDED_CHARS_MAX: usize = 500;
/// How long a group that was killed may take to let go of its output.
const LET_GO: Duration = Duration::from_millis(500);

/// A command as the configuration states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSpec {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The folder it runs in.
    pub working_directory: PathBuf,
    /// When it is killed.
    pub timeout: Duration,
    /// How much of the end of its output is kept, in bytes.
    pub output_bytes: usize,
    /// What stands before the number it measures; empty = it measures none.
    pub number_after: String,
}

impl CommandSpec {
    /// Runs it to its end or its time, whichever comes first.
    pub(super) async fn run(&self, environment: &[(String, OsString)]) -> CommandOutcome {
        self.run_fed(environment, None).await.outcome
    }

    /// The same with something to read on its standard input, which ends behind it; without, there is nothing to
    /// read. It need not read all of it. Dropping the future kills it and all it started.
    pub async fn run_fed(
        &self,
        environment: &[(String, OsString)],
        input: Option<Vec<u8>>,
    ) -> Ended {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.working_directory)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(input.as_ref().map_or_else(Stdio::null, |_| Stdio::piped()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                let program = &self.program;
                let folder = self.working_directory.display();
                return Ended {
                    outcome: failed(format!("{program} cannot be started in {folder}: {error}")),
                    code: None,
                };
            }
        };
        let mut group = Group::of(child);
        let _feeding = group.child.stdin.take().zip(input).map(Feeding::start);
        let mut tail = Tail::new(self.output_bytes);
        let ended = tokio::time::timeout(self.timeout, group.follow(&mut tail)).await;
        let ended = match ended {
            Ok(Ok(status)) => Ok(status),
            Ok(Err(error)) => Err(format!("it cannot be waited for: {error}")),
            Err(_) => Err(format!("killed after {} ms", self.timeout.as_millis())),
        };
        if ended.is_err() {
            group.kill();
            let _ = tokio::time::timeout(LET_GO, group.child.wait()).await;
        }
        let output = tail.text();
        let number = number_after(&output, &self.number_after);
        let (code, succeeded, ended) = match ended {
            Ok(status) => (status.code(), status.success(), in_words(status)),
            Err(words) => (None, false, words),
        };
        let outcome = CommandOutcome {
            succeeded,
            ended: shown(&ended),
            number,
            output: end_of(&output, RECORDED_BYTES).into(),
        };
        Ended { outcome, code }
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// In words, with the end of its output.
    pub outcome: CommandOutcome,
    /// Its exit code, if it ended with one.
    pub code: Option<i32>,
}

/// Writes what a command may read, beside the reading of what it writes: one that answers before it has read all
/// would wait for ever otherwise. Dropped, it stops.
struct Feeding(JoinHandle<()>);

impl Feeding {
    fn start((mut stdin, input): (ChildStdin, Vec<u8>)) -> Self {
        Self(tokio::spawn(async move {
            // An error means that the command does not read on, which is its right.
            let _ = stdin.write_all(&input).await;
        }))
    }
}

impl Drop for Feeding {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn failed(ended: String) -> CommandOutcome {
    CommandOutcome {
        succeeded: false,
        ended: shown(&ended),
        number: None,
        output: "".into(),
    }
}

/// A sentence that may name files: one line of it, without what a terminal would take for a command.
fn shown(words: &str) -> Arc<str> {
    let shown = words.chars().filter(|character| !character.is_control());
    shown.take(ENDED_CHARS_MAX).collect::<String>().into()
}

fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended without a code".to_owned(),
    }
}

/// A child and all it started: dropped, they are killed.
struct Group {
    child: Child,
    leader: Option<rustix::process::Pid>,
}

impl Group {
    fn of(child: Child) -> Self {
        let leader = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw);
        Self { child, leader }
    }

    /// Reads its output until it ends. Whoever it left behind does not keep the pipes open for it.
    async fn follow(&mut self, tail: &mut Tail) -> std::io::Result<ExitStatus> {
        let mut output = self.child.stdout.take();
        let mut errors = self.child.stderr.take();
        let mut ended: Option<ExitStatus> = None;
        let mut from_output = vec![0; 8192];
        let mut from_errors = vec![0; 8192];
        loop {
            tokio::select! {
                biased;
                read = read(&mut output, &mut from_output), if output.is_some() => {
                    if read == 0 { output = None } else { tail.push(&from_output[..read]) }
                }
                read = read(&mut errors, &mut from_errors), if errors.is_some() => {
                    if read == 0 { errors = None } else { tail.push(&from_errors[..read]) }
                }
                status = self.child.wait(), if ended.is_none() => {
                    ended = Some(status?);
                    // Background processes of it hold the pipes; they end here, and the pipes with them.
                    self.kill();
                }
                else => {}
            }
            if let (Some(status), None, None) = (ended, &output, &errors) {
                return Ok(status);
            }
        }
    }

    /// Kills the group. Its number stays its own until the leader is reaped and no other process is in it.
    fn kill(&self) {
        if let Some(leader) = self.leader {
            // An error means that nobody is left.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.child.id().is_some() {
            self.kill();
        }
    }
}

/// Reads some bytes; 0 at the end or when reading fails.
async fn read<R: AsyncRead + Unpin>(from: &mut Option<R>, into: &mut [u8]) -> usize {
    match from {
        Some(from) => from.read(into).await.unwrap_or(0),
        None => 0,
    }
}

/// The end of an output that may be endless.
struct Tail {
    bytes: VecDeque<u8>,
    most: usize,
}

impl Tail {
    fn new(most: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            most,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(self.most)..];
        let over = (self.bytes.len() + bytes.len()).saturating_sub(self.most);
        self.bytes.drain(..over.min(self.bytes.len()));
        self.bytes.extend(bytes);
    }

    /// As text that a terminal can be shown.
    fn text(self) -> String {
        let bytes: Vec<u8> = self.bytes.into();
        let text = String::from_utf8_lossy(&bytes);
        let shown = text
            .chars()
            .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'));
        shown.collect::<String>().trim().to_owned()
    }
}

/// At most so many bytes of the end of a text, beginning with a whole character.
fn end_of(text: &str, bytes: usize) -> &str {
    let mut begin = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(begin) {
        begin += 1;
    }
    &text[begin..]
}
