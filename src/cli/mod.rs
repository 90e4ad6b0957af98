//! The command line as a client of the daemon's one interface: words to requests, answers to tables and
//! documents. It knows neither plan nor store; whatever is refused is refused by the daemon.

pub mod access;
mod as_of;
pub mod audit;
pub mod backup;
mod client;
pub mod exit;
pub mod failure;
mod fence;
mod json;
pub mod output;
mod pages;
mod parse;
pub mod status;
pub(crate) mod text;
mod verb;

use std::path::PathBuf;
use std::pin::Pin;

use access::Speaker;
use client::Client;
pub use exit::Exit;
pub use failure::Failure;
use output::Output;
pub use verb::Verb;
pub use verb::project::Delete;

/// The flags that every verb takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// The daemon's address; else the variable MUSTER_SERVER [default: http://127.0.0.1:7733]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The bearer token; else --token-file, else the variable MUSTER_TOKEN
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        conflicts_with = "token_file"
    )]
    pub token: Option<String>,
    /// A file that holds the bearer token
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The project's slug; else the variable MUSTER_PROJECT; may be left out while there is one, or with
    /// an agent's token
    #[arg(long, global = true, value_name = "SLUG")]
    pub project: Option<String>,
    /// Answer with JSON documents
    #[arg(long, global = true)]
    pub json: bool,
    /// The certificate (PEM) that an https:// server is trusted by; else the variable MUSTER_CA_FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

impl Globals {
    /// Takes what no flag says from the variables of the process. The parser does not read them itself:
    /// it would show a variable that is set as if it were a flag that every usage line must have.
    #[must_use]
    pub fn with_variables(mut self) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        self.server = self.server.or_else(|| variable("MUSTER_SERVER"));
        self.project = self.project.or_else(|| variable("MUSTER_PROJECT"));
        self
    }
}

/// What a verb works with.
pub struct Context {
    /// Where answers go.
    pub out: Output,
    /// The connection.
    pub client: Client,
    /// The project's slug; empty where it is left to the daemon.
    pub project: String,
}

impl Context {
    /// Prepares output and connection.
    fn new(globals: &Globals, speaker: Speaker) -> Result<Self, Failure> {
        Ok(Self {
            out: Output::new(globals),
            client: Client::new(globals, speaker)?,
            project: globals.project.clone().unwrap_or_default(),
        })
    }
}

/// Runs a verb against the daemon.
///
/// # Errors
/// Whatever kept it from being done; `Failure::exit` is the program's exit code.
pub fn run(
    verb: Verb,
    globals: &Globals,
) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + '_>> {
    // Behind a pointer the verbs are compiled once, and not for each way in which a runtime looks at them.
    Box::pin(verb::run(verb, globals))
}
