//! Processes of the tests: one that serves and is watched until it says where, and one that is run to its
//! end. Nothing is waited for without a limit.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use muster::clock::Stopwatch;
use rustix::process::{Pid, Signal, kill_process};

/// How long a daemon may take to begin, on a machine that does many other things.
pub const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a daemon may take to end after SIGTERM; its own limit is 5 s.
pub const STOP_LIMIT: Duration = Duration::from_secs(20);
/// How long a command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// Held while a process is started, and while the lock of a data directory is held by the tests
/// themselves: a process that is just being started holds, for a moment, every open file of the one that
/// starts it, locks included.
static STARTS: Mutex<()> = Mutex::new(());

/// Keeps processes from being started meanwhile.
pub fn no_starts() -> MutexGuard<'static, ()> {
    STARTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a process.
pub fn spawn(command: &mut Command) -> Child {
    let _alone = no_starts();
    command.spawn().expect("the process starts")
}

/// A command of the built binary that knows nothing of the environment it is started from.
pub fn muster() -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_muster")))
}

/// Takes every setting of ours out of a command's environment.
pub fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MUSTER") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What a finished command left.
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Runs a command to its end.
    pub fn of(command: Command) -> Self {
        Self::of_within(command, COMMAND_LIMIT)
    }

    /// The same with a limit of its own.
    pub fn of_within(mut command: Command, limit: Duration) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command);
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        let status = wait(&mut child, limit);
        if status.is_none() {
            child.kill().expect("the command can be killed");
            child.wait().expect("the command ends");
        }
        let output = Self {
            code: status.and_then(|status| status.code()),
            stdout: stdout.recv().expect("stdout is read"),
            stderr: stderr.recv().expect("stderr is read"),
        };
        assert!(status.is_some(), "{command:?} did not end: {output:?}");
        output
    }

    /// The exit code was this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is no JSON document ({error}): {self:#?}"))
    }

    /// The error of a command run with `--json`: one document on stderr, nothing on stdout.
    #[track_caller]
    pub fn error(&self) -> serde_json::Value {
        assert_eq!(self.stdout, "", "stdout is empty when a command fails");
        let document: serde_json::Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|error| panic!("stderr is no JSON document ({error}): {self:#?}"));
        let error = &document["error"];
        for (field, is_right) in [
            ("reason", error["reason"].is_string()),
            ("message", error["message"].is_string()),
            ("next", error["next"].is_array()),
            ("details", error["details"].is_object()),
        ] {
            assert!(
                is_right,
                "error.{field} is missing or of another kind: {document:#}"
            );
        }
        error.clone()
    }
}

fn collect(mut from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read until the pipe broke is what there is.
        let _ = from.read_to_end(&mut bytes);
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// Waits for a process to end; none when it did not in time.
pub fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let watch = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait().expect("the process can be asked") {
            return Some(status);
        }
        if watch.elapsed() > limit {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal to a process of ours.
pub fn signal_child(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).expect("a process id fits");
    let pid = Pid::from_raw(id).expect("a process id is not zero");
    kill_process(pid, signal).expect("the process can be signalled");
}

/// A process that serves.
pub struct Server {
    child: Child,
    /// Where it listens: `http://127.0.0.1:7733`.
    pub url: String,
}

impl Server {
    /// Starts a command and waits until it says where it listens. Its stderr is added to `log`; when it
    /// ends instead, the error is how it ended and all it wrote.
    pub fn start(mut command: Command, log: &Path) -> Result<Self, Output> {
        let mut options = File::options();
        let file = options.create(true).append(true).open(log);
        let before = std::fs::metadata(log).map_or(0, |metadata| metadata.len());
        command.stderr(file.expect("the log can be opened"));
        command.stdout(Stdio::piped());
        let mut child = spawn(&mut command);
        let (send, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let watch = Stopwatch::start();
        let mut said = String::new();
        while let Some(left) = START_LIMIT.checked_sub(watch.elapsed()) {
            let Ok(line) = lines.recv_timeout(left) else {
                break;
            };
            if let Some(at) = line.find("listening on http") {
                let url = &line[at + "listening on ".len()..];
                let url = url.split_whitespace().next().unwrap_or(url).to_owned();
                // Whatever it says later is read and dropped, so that it never blocks.
                std::thread::spawn(move || lines.into_iter().for_each(drop));
                return Ok(Self { child, url });
            }
            said.push_str(&line);
            said.push('\n');
        }
        let status = wait(&mut child, Duration::from_secs(10));
        // It may have ended by itself in the meantime.
        let _ = child.kill();
        let _ = child.wait();
        let mut all = Vec::new();
        let read = File::open(log).and_then(|mut file| file.read_to_end(&mut all));
        read.expect("the log can be read");
        let from = usize::try_from(before).expect("a log fits memory");
        Err(Output {
            code: status.and_then(|status| status.code()),
            stdout: said,
            stderr: String::from_utf8_lossy(&all[from..]).into_owned(),
        })
    }

    /// Ends it as a power cut would end it.
    pub fn kill9(&mut self) {
        self.child.kill().expect("the daemon can be killed");
        self.child.wait().expect("the daemon ends");
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        signal_child(&self.child, signal);
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended by itself; none when it did not within the limit.
    pub fn ended_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        wait(&mut self.child, limit)
    }

    /// Waits until it ended and says how.
    pub fn ended(&mut self) -> ExitStatus {
        wait(&mut self.child, STOP_LIMIT).expect("the daemon ends in time")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After a failed test, or after it ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command of the built binary with arguments, without any token or server.
pub fn bare(arguments: &[impl AsRef<OsStr>]) -> Output {
    let mut command = muster();
    command.args(arguments);
    Output::of(command)
}
