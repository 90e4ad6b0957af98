//! A real daemon in a directory of its own. Every test ends with `finish`, which holds what was served
//! against the log folded from nothing.

use std::collections::BTreeMap;
use std::future::Future;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use muster::plan::event::Recorded;
use muster::plan::{Plan, codec};
use muster::store::{Pages, sqlite};
use muster_proto::v1;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::api::Caller;
use crate::process::{Output, Server, muster, no_starts};

/// A daemon under test.
pub struct Daemon {
    home: TempDir,
    data_dir: PathBuf,
    arguments: Vec<String>,
    control: Option<&'static str>,
    environment: BTreeMap<&'static str, String>,
    server: Option<Server>,
    url: String,
    runtime: Runtime,
    finished: bool,
}

/// A registered agent.
#[derive(Debug, Clone)]
pub struct Agent {
    pub name: String,
    pub token: String,
}

impl Daemon {
    /// A daemon on a free port with nothing in it.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments to `serve`.
    pub fn start_with(arguments: &[&str]) -> Self {
        let mut daemon = Self::prepared(arguments);
        daemon.launch();
        daemon
    }

    /// A daemon without one of its safety checks, to show that its absence is caught.
    pub fn start_as_control(control: &'static str) -> Self {
        let mut daemon = Self::prepared(&[]).under_control(control);
        daemon.launch();
        daemon
    }

    /// Not started yet: one whose process has this variable too.
    pub fn with_variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set_variable(name, Some(value.into()));
        self
    }

    /// Not started yet: one that runs as `control` says.
    pub fn under_control(mut self, control: &'static str) -> Self {
        self.control = Some(control);
        self
    }

    /// One that is not started yet, on a port of its own; with a control, the test's program serves.
    pub fn prepared_on(port: u16, control: Option<&'static str>) -> Self {
        let mut daemon = Self::prepared(&[]);
        daemon.url = format!("http://127.0.0.1:{port}");
        daemon.control = control;
        daemon
    }

    /// The same with its data somewhere else.
    pub fn keeping_data_in(mut self, data_dir: PathBuf) -> Self {
        self.data_dir = data_dir;
        self
    }

    /// Lets the test's program serve from the next start on, or the real one again.
    pub fn set_control(&mut self, control: Option<&'static str>) {
        self.control = control;
    }

    /// What the process finds in its environment from the next start on.
    pub fn set_variable(&mut self, name: &'static str, value: Option<String>) {
        match value {
            Some(value) => self.environment.insert(name, value),
            None => self.environment.remove(name),
        };
    }

    /// What happens at which failpoint from the next start on.
    pub fn set_failpoint(&mut self, orders: Option<String>) {
        self.set_variable("MUSTER_FAILPOINT", orders);
    }

    /// One that is not started yet.
    pub fn prepared(arguments: &[&str]) -> Self {
        Self::prepared_in(|_| arguments.iter().map(ToString::to_string).collect())
    }

    /// The same; the arguments may name files in the directory of the test.
    pub fn prepared_in(arguments: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let home = tempfile::tempdir().expect("a directory can be made");
        Self {
            arguments: arguments(home.path()),
            data_dir: home.path().join("data"),
            home,
            control: None,
            // A test that runs at nine is to be like one that runs at ten, and one that takes long like a short one.
            environment: BTreeMap::from([
                ("MUSTER__PROJECT__SCHEDULES", "none".to_owned()),
                ("MUSTER__WATCH__INTERVAL_MS", "0".to_owned()),
            ]),
            server: None,
            url: "http://127.0.0.1:0".to_owned(),
            runtime: runtime.expect("a runtime can be built"),
            finished: false,
        }
    }

    /// A directory of the test's own, outside of the data directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.data_dir.clone()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:7733`.
    pub fn address(&self) -> &str {
        self.url.rsplit("//").next().unwrap_or_default()
    }

    /// All that the daemon wrote on stderr so far.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.home.path().join("stderr")).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let mut command = match self.control {
            None => muster(),
            Some(control) => crate::crash::control::command(control, self),
        };
        command.envs(&self.environment);
        if self.control.is_some() {
            return command;
        }
        command.arg("serve").arg("--data-dir").arg(self.data_dir());
        if !self.arguments.iter().any(|argument| argument == "--listen") {
            command.args(["--listen", self.address()]);
        }
        command.args(&self.arguments);
        command
    }

    /// Starts the process; the error is how it ended instead.
    pub fn try_launch(&mut self) -> Result<(), Output> {
        assert!(self.server.is_none(), "the daemon runs already");
        let server = Server::start(self.command(), &self.home.path().join("stderr"))?;
        self.url.clone_from(&server.url);
        self.server = Some(server);
        Ok(())
    }

    /// Starts the process.
    pub fn launch(&mut self) {
        if let Err(output) = self.try_launch() {
            panic!("the daemon does not start: {output:#?}");
        }
    }

    /// Ends it as a power cut would end it.
    pub fn kill9(&mut self) {
        self.server.take().expect("the daemon runs").kill9();
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.server
            .as_ref()
            .expect("the daemon runs")
            .signal(signal);
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.server.as_ref().expect("the daemon runs").id()
    }

    /// Whether it died by SIGKILL within the limit, by its own hand at a failpoint.
    pub fn died_within(&mut self, limit: Duration) -> bool {
        let server = self.server.as_mut().expect("the daemon runs");
        let Some(status) = server.ended_within(limit) else {
            return false;
        };
        let log = self.log_text();
        assert_eq!(
            status.signal(),
            Some(Signal::KILL.as_raw()),
            "{status} {log}"
        );
        self.server = None;
        true
    }

    /// Asks it to stop and waits until it did, with exit code 0.
    pub fn terminate(&mut self) {
        let mut server = self.server.take().expect("the daemon runs");
        server.signal(Signal::TERM);
        let status = server.ended();
        assert_eq!(status.code(), Some(0), "{}", self.log_text());
    }

    /// Stops and starts again on the same port.
    pub fn restart(&mut self) {
        self.terminate();
        self.launch();
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(120), future)
                .await
                .expect("the test waits no longer")
        })
    }

    /// Lets something run beside the test.
    pub fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(future)
    }

    /// The coordinator's token as it lies on disk.
    pub fn coordinator_token(&self) -> String {
        let path = self.data_dir().join("coordinator.token");
        let token = std::fs::read_to_string(&path).expect("the coordinator's token is on disk");
        token.trim().to_owned()
    }

    /// A caller with a token, on a connection of its own.
    pub fn caller(&self, token: Option<&str>) -> Caller {
        let _inside = self.runtime.enter();
        Caller::new(&self.url, token)
    }

    pub fn coordinator(&self) -> Caller {
        self.caller(Some(&self.coordinator_token()))
    }

    /// Runs a command as the coordinator.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.cli_with(&self.coordinator_token(), arguments)
    }

    /// Runs a command as an agent.
    pub fn cli_as(&self, agent: &Agent, arguments: &[&str]) -> Output {
        self.cli_with(&agent.token, arguments)
    }

    /// Runs a command with a token.
    pub fn cli_with(&self, token: &str, arguments: &[&str]) -> Output {
        let mut command = self.cli_command(arguments);
        command.env("MUSTER_TOKEN", token);
        Output::of(command)
    }

    /// A command that knows the server and no token.
    pub fn cli_command(&self, arguments: &[&str]) -> Command {
        let mut command = muster();
        command.args(arguments).env("MUSTER_SERVER", &self.url);
        // Nothing of the person who runs the tests is found by itself.
        command.env("HOME", self.home.path().join("nobody"));
        command.env_remove("XDG_STATE_HOME");
        command.current_dir(self.home.path());
        command
    }

    /// Registers an agent of the only project, by the command line.
    pub fn agent(&self, name: &str, role: &str) -> Agent {
        let output = self.cli(&["agent", "register", name, "--role", role, "--json"]);
        let token = output.exits(0).json()["token"].as_str().map(str::to_owned);
        Agent {
            name: name.to_owned(),
            token: token.expect("a token is answered"),
        }
    }

    /// Writes a plan file into the test's directory.
    pub fn plan_file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).expect("a plan file can be written");
        path.to_str().expect("the path is text").to_owned()
    }

    /// Imports a plan file and gives the answer.
    pub fn import(&self, name: &str, text: &str) -> Value {
        let path = self.plan_file(name, text);
        let output = self.cli(&["plan", "import", &path, "--json"]);
        output.exits(0).json()
    }

    /// The version of a project (empty: the only one).
    pub fn version(&self, project: &str) -> u64 {
        let mut projects = self.coordinator().projects();
        let request = v1::GetProjectRequest {
            project: project.to_owned(),
            ..v1::GetProjectRequest::default()
        };
        let answer = self.block_on(projects.get_project(request));
        let project = answer.expect("the project is there").into_inner().project;
        project.expect("the project is in the answer").version
    }

    /// A project's log. Only while no daemon runs on it.
    pub fn log(&self, project: &str) -> Vec<Recorded> {
        assert!(self.server.is_none(), "the daemon still runs");
        let _alone = no_starts();
        let reader = sqlite::open_read_only(&self.data_dir()).expect("the store opens");
        Pages::new(&*reader, project, 0)
            .flat_map(|page| page.expect("the log is readable"))
            .map(|record| codec::decode(&record.document).expect("the event is readable"))
            .collect()
    }

    /// Holds what is served against the log folded from nothing, and ends the daemon.
    pub fn finish(mut self) {
        let mut admin = self.coordinator().admin();
        let request = v1::GetStatusRequest {
            with_fingerprints: true,
            with_heads: true,
        };
        let status = self.block_on(admin.get_status(request));
        let served = status.expect("the daemon says how it is").into_inner();
        let request = v1::VerifyLogRequest {
            project: String::new(),
        };
        let verified = self.block_on(admin.verify_log(request));
        let verified = verified.expect("the log is walked").into_inner().logs;
        assert!(served.writable, "{}", served.not_writable_reason);
        assert!(
            verified.iter().any(|log| log.project == "_daemon"),
            "{verified:?}"
        );
        for log in &verified {
            assert!(log.sound, "{log:?}");
            assert!(
                !log.hash.is_empty() && !log.fingerprint.is_empty(),
                "{log:?}"
            );
        }
        self.terminate();
        let log = self.log_text();
        assert!(!log.contains("panicked"), "{log}");
        for project in &served.projects {
            let (plan, newest) = fold(&self.log(&project.slug), project.version);
            assert!(
                newest >= project.version,
                "{}: versions were lost",
                project.slug
            );
            assert_eq!(plan.version(), project.version, "{}", project.slug);
            let broken = plan.broken_invariants();
            assert!(broken.is_empty(), "{}: {broken:#?}", project.slug);
            assert_eq!(
                plan.fingerprint(),
                project.fingerprint,
                "{}: the served plan is not the fold of its log",
                project.slug
            );
        }
        for log in &verified {
            let (plan, _) = fold(&self.log(&log.project), log.version);
            assert_eq!(plan.fingerprint(), log.fingerprint, "{}", log.project);
        }
        self.finished = true;
    }

    /// Ends a test whose daemon cannot serve at the end, by its own doing.
    pub fn finish_unserved(mut self) {
        self.finished = true;
    }
}

/// Folds a log up to a version; also gives the newest version there is.
fn fold(log: &[Recorded], version: u64) -> (Plan, u64) {
    let mut plan = Plan::default();
    for recorded in log
        .iter()
        .take_while(|recorded| recorded.version <= version)
    {
        plan.apply(recorded);
    }
    plan.settle();
    (plan, log.last().map_or(0, |recorded| recorded.version))
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let is_dirty = !self.finished && !std::thread::panicking();
        assert!(!is_dirty, "a test ends with `daemon.finish()`");
        if !self.finished {
            eprintln!("the daemon's log:\n{}", self.log_text());
        }
    }
}
