//! The verbs, one file each, and who speaks with them.

mod agent;
mod ask;
mod assignment;
mod attest;
mod beat;
mod block;
mod blockers;
mod board;
mod channel;
mod checklist;
mod claim;
mod decision;
mod deliverable;
mod discover;
mod discovered;
mod done;
mod gate;
mod inbox;
mod integration;
mod log;
mod milestone;
mod pause;
mod phase;
mod plan;
mod progress;
pub mod project;
mod release;
mod report;
mod resume;
mod review;
mod risk;
mod rollout;
mod rule;
mod schedule;
mod session;
mod sprint;
mod standup;
mod start;
mod submit;
mod task;
mod token;
mod triage;
mod why;
mod window;
mod workflow;

use super::access::Speaker;
use super::exit;
use super::output::Output;
use super::{Context, Failure, Globals};
use crate::clock;

/// What of a family of commands is wanted; left out, what its people look at most.
#[derive(Debug, clap::Args)]
pub struct Maybe<V: clap::Subcommand> {
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<V>,
}

/// What the command line can ask of a daemon.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// What waits for a person, each with the command that settles it
    Inbox,
    /// Tasks by where they stand
    Board(board::Arguments),
    /// Import and look at plans
    #[command(subcommand, arg_required_else_help = true)]
    Plan(plan::Verb),
    /// Hand nothing out from here on
    Pause(pause::Arguments),
    /// Hand tasks out again
    Resume,
    /// List, show, add and change tasks
    #[command(subcommand, arg_required_else_help = true)]
    Task(task::Verb),
    /// List, show, open and close phases
    #[command(subcommand, arg_required_else_help = true)]
    Phase(phase::Verb),
    /// List, open and decide decisions
    #[command(subcommand, arg_required_else_help = true)]
    Decision(decision::Verb),
    /// List, state, submit and accept deliverables
    #[command(subcommand, arg_required_else_help = true)]
    Deliverable(deliverable::Verb),
    /// List, state, tick and settle milestones
    #[command(subcommand, arg_required_else_help = true)]
    Milestone(milestone::Verb),
    /// Plan, commit, change and close sprints
    #[command(subcommand, arg_required_else_help = true)]
    Sprint(sprint::Verb),
    /// List, state and follow risks
    #[command(subcommand, arg_required_else_help = true)]
    Risk(risk::Verb),
    /// List, approve and give back work under review
    #[command(subcommand, arg_required_else_help = true)]
    Review(review::Verb),
    /// List, state and end rules: waits for every task that a selector names
    #[command(subcommand, arg_required_else_help = true)]
    Rule(rule::Verb),
    /// List, state, confirm and test integration points
    #[command(subcommand, arg_required_else_help = true)]
    Integration(integration::Verb),
    /// Plan rollouts, let them roll and say what they came to
    #[command(subcommand, arg_required_else_help = true)]
    Rollout(rollout::Verb),
    /// Define, run and sign quality gates, and say what was measured
    #[command(subcommand, arg_required_else_help = true)]
    Gate(gate::Verb),
    /// Define, start, supply, judge and sign workflows
    #[command(subcommand, arg_required_else_help = true)]
    Workflow(workflow::Verb),
    /// List blockers, or settle one
    Blockers(blockers::Arguments),
    /// List what was discovered, or decide on it
    Triage(triage::Arguments),
    /// Change the words of what was discovered, before it is triaged
    #[command(subcommand, arg_required_else_help = true)]
    Discovered(discovered::Verb),
    /// Register and list agents and roles
    #[command(subcommand, arg_required_else_help = true)]
    Agent(agent::Verb),
    /// List, add and end assignments of agents to areas and tasks
    #[command(subcommand, arg_required_else_help = true)]
    Assignment(assignment::Verb),
    /// List and say when roles work
    #[command(subcommand, arg_required_else_help = true)]
    Window(window::Verb),
    /// What happened, what is under way and what stands in the way
    Standup(standup::Arguments),
    /// Run, show and tick the checklist of the morning
    Checklist(Maybe<checklist::Verb>),
    /// Set, list, pause and run schedules: what the daemon does by itself
    Schedule(Maybe<schedule::Verb>),
    /// Reports as of now, and those that were published
    Report(Maybe<report::Verb>),
    /// List and test where reports are delivered, and deliver again what was given up
    Channel(Maybe<channel::Verb>),
    /// Say why a task is not ready
    Why(why::Arguments),
    /// What was recorded, an event a line
    Log(log::Arguments),
    /// Issue, list and revoke tokens
    #[command(subcommand, arg_required_else_help = true)]
    Token(token::Verb),
    /// List, create, complete, archive and delete projects
    #[command(subcommand, arg_required_else_help = true)]
    Project(project::Verb),
    /// Begin, end and list working sessions (agents)
    #[command(subcommand, arg_required_else_help = true)]
    Session(session::Verb),
    /// Take the next task of your roles (agents)
    Claim(claim::Arguments),
    /// Begin work on a task you hold
    Start(start::Arguments),
    /// Renew the lease of a task you hold and ask whether to go on
    Beat(beat::Arguments),
    /// Say how far a task you hold is
    Progress(progress::Arguments),
    /// Finish a task you hold
    Done(done::Arguments),
    /// Hand a task you hold in for review
    Submit(done::Arguments),
    /// Attest post-checks of a task you hold or have finished
    Attest(attest::Arguments),
    /// Give a task you hold back
    Release(release::Arguments),
    /// Say what stands in the way of a task you hold
    Block(block::Arguments),
    /// Ask the coordinator about a task you hold
    Ask(ask::Arguments),
    /// File work outside the plan, for triage
    Discover(discover::Arguments),
    /// What the exit codes mean
    #[command(hide = true, about = exit::table(), help_template = "{about}")]
    ExitCodes,
}

impl Verb {
    /// Takes out what works on files instead of asking a daemon; everything else comes back.
    ///
    /// # Errors
    /// The verb, when a daemon is to be asked.
    pub fn into_delete(self) -> Result<project::Delete, Box<Self>> {
        match self {
            Self::Project(project::Verb::Delete(delete)) => Ok(delete),
            other => Err(Box::new(other)),
        }
    }

    /// Whose verb it is: an agent's never goes out under the coordinator's own token unasked.
    pub fn speaker(&self) -> Speaker {
        match self {
            Self::Session(_)
            | Self::Claim(_)
            | Self::Start(_)
            | Self::Beat(_)
            | Self::Progress(_)
            | Self::Done(_)
            | Self::Submit(_)
            | Self::Attest(_)
            | Self::Release(_)
            | Self::Block(_)
            | Self::Ask(_)
            | Self::Discover(_) => Speaker::Agent,
            Self::Inbox
            | Self::Board(_)
            | Self::Plan(_)
            | Self::Pause(_)
            | Self::Resume
            | Self::Task(_)
            | Self::Phase(_)
            | Self::Decision(_)
            | Self::Deliverable(_)
            | Self::Milestone(_)
            | Self::Risk(_)
            | Self::Rule(_)
            | Self::Schedule(_)
            | Self::Checklist(_)
            | Self::Review(_)
            | Self::Integration(_)
            | Self::Rollout(_)
            | Self::Gate(_)
            | Self::Sprint(_)
            | Self::Workflow(_)
            | Self::Blockers(_)
            | Self::Triage(_)
            | Self::Discovered(_)
            | Self::Agent(_)
            | Self::Assignment(_)
            | Self::Window(_)
            | Self::Standup(_)
            | Self::Report(_)
            | Self::Channel(_)
            | Self::Why(_)
            | Self::Log(_)
            | Self::Token(_)
            | Self::Project(_)
            | Self::ExitCodes => Speaker::Coordinator,
        }
    }
}

/// Runs a verb.
pub async fn run(verb: Verb, globals: &Globals) -> Result<(), Failure> {
    let speaker = verb.speaker();
    let context = || Context::new(globals, speaker);
    match verb {
        Verb::ExitCodes => Output::new(globals).text(&exit::table()),
        Verb::Plan(plan::Verb::Check(arguments)) => {
            plan::check::run(&arguments, Output::new(globals))
        }
        Verb::Inbox => inbox::run(&context()?).await,
        Verb::Board(arguments) => board::run(arguments, &context()?).await,
        Verb::Plan(verb) => plan::run(verb, &context()?).await,
        Verb::Pause(arguments) => pause::run(arguments, &context()?).await,
        Verb::Resume => resume::run(&context()?).await,
        Verb::Task(verb) => task::run(verb, &context()?).await,
        Verb::Phase(verb) => phase::run(verb, &context()?).await,
        Verb::Decision(verb) => decision::run(verb, &context()?).await,
        Verb::Deliverable(verb) => deliverable::run(verb, &context()?).await,
        Verb::Milestone(verb) => milestone::run(verb, &context()?).await,
        Verb::Sprint(verb) => sprint::run(verb, &context()?).await,
        Verb::Risk(verb) => risk::run(verb, &context()?).await,
        Verb::Review(verb) => review::run(verb, &context()?).await,
        Verb::Rule(verb) => rule::run(verb, &context()?).await,
        Verb::Checklist(it) => checklist::run(it.verb.unwrap_or_default(), &context()?).await,
        Verb::Schedule(it) => schedule::run(it.verb.unwrap_or_default(), &context()?).await,
        Verb::Integration(verb) => integration::run(verb, &context()?).await,
        Verb::Rollout(verb) => rollout::run(verb, &context()?).await,
        Verb::Gate(verb) => gate::run(verb, &context()?).await,
        Verb::Workflow(verb) => workflow::run(verb, &context()?).await,
        Verb::Blockers(arguments) => blockers::run(arguments, &context()?).await,
        Verb::Discovered(verb) => discovered::run(verb, &context()?).await,
        Verb::Triage(arguments) => triage::run(arguments, &context()?).await,
        Verb::Agent(verb) => agent::run(verb, &context()?).await,
        Verb::Assignment(verb) => assignment::run(verb, &context()?).await,
        Verb::Window(verb) => window::run(verb, &context()?).await,
        Verb::Standup(arguments) => standup::run(arguments, &context()?).await,
        Verb::Report(it) => report::run(it.verb.unwrap_or_default(), &context()?).await,
        Verb::Channel(it) => channel::run(it.verb.unwrap_or_default(), &context()?).await,
        Verb::Why(arguments) => why::run(arguments, &context()?).await,
        Verb::Log(arguments) => log::run(arguments, &context()?).await,
        Verb::Token(verb) => token::run(verb, &context()?).await,
        Verb::Project(verb) => project::run(verb, &context()?).await,
        Verb::Session(verb) => session::run(verb, &context()?).await,
        Verb::Claim(arguments) => claim::run(arguments, &context()?).await,
        Verb::Start(arguments) => start::run(arguments, &context()?).await,
        Verb::Beat(arguments) => beat::run(arguments, &context()?).await,
        Verb::Progress(arguments) => progress::run(arguments, &context()?).await,
        Verb::Done(arguments) => done::run(arguments, &context()?).await,
        Verb::Submit(arguments) => submit::run(arguments, &context()?).await,
        Verb::Attest(arguments) => attest::run(arguments, &context()?).await,
        Verb::Release(arguments) => release::run(arguments, &context()?).await,
        Verb::Block(arguments) => block::run(arguments, &context()?).await,
        Verb::Ask(arguments) => ask::run(arguments, &context()?).await,
        Verb::Discover(arguments) => discover::run(arguments, &context()?).await,
    }
}

/// How bad a blocker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Severity {
    /// Barely in the way.
    Low,
    /// In the way.
    Medium,
    /// Much is held up.
    High,
    /// Everything is held up.
    Critical,
}

/// What kind of thing stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Other work.
    Dependency,
    /// An open decision.
    Decision,
    /// Something outside the project.
    External,
    /// Sources contradict each other.
    Inconsistency,
    /// A question.
    Input,
    /// Anything else.
    Other,
}

impl From<Severity> for i32 {
    fn from(severity: Severity) -> Self {
        use muster_proto::v1::Severity as Wire;
        match severity {
            Severity::Low => Wire::Low,
            Severity::Medium => Wire::Medium,
            Severity::High => Wire::High,
            Severity::Critical => Wire::Critical,
        }
        .into()
    }
}

impl From<Kind> for i32 {
    fn from(kind: Kind) -> Self {
        use muster_proto::v1::BlockerKind as Wire;
        match kind {
            Kind::Dependency => Wire::Dependency,
            Kind::Decision => Wire::Decision,
            Kind::External => Wire::External,
            Kind::Inconsistency => Wire::Inconsistency,
            Kind::Input => Wire::Input,
            Kind::Other => Wire::Other,
        }
        .into()
    }
}

/// A mask of the paths whose change is stated.
fn stated(changes: &[(bool, &str)]) -> Option<prost_types::FieldMask> {
    let paths = changes.iter().filter(|(is_stated, _)| *is_stated);
    let paths = paths.map(|(_, path)| (*path).to_owned()).collect();
    Some(prost_types::FieldMask { paths })
}

/// An id for one request, kept over its repeats.
fn request_id() -> Result<String, Failure> {
    Ok(clock::new_request_id()?)
}

/// The next step, for people.
fn hint(command: &str) -> String {
    format!("next: muster {command}\n")
}

#[cfg(test)]
mod tests;
