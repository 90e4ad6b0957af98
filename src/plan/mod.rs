//! What may happen to a plan, and what follows: pure functions over values. Time, ids and actors come in
//! as facts; `decide` says what happens, `Plan::apply` alone changes a plan.

pub mod decimal;
pub mod hexadecimal;
pub mod time;

pub mod check;
pub mod day;
pub mod evidence;
pub mod id;
pub mod window;

pub mod recurrence;

pub mod role;
pub mod settings;

pub mod fact;
pub mod import;

pub mod event;

pub mod codec;
pub mod naming;

pub mod lineage;
pub mod model;

mod runs;

mod keys;
pub mod order;
pub mod read;
pub mod refusal;
pub mod selector;
pub mod state;

mod place;

pub mod apply;

pub mod graph;
pub mod image;
pub mod invariants;

pub mod arrival;
pub mod brief;
pub mod ending;
pub mod explain;
pub mod gating;
pub mod held_up;
pub mod inbox;
pub mod integrating;
pub mod question;
pub mod referring;
pub mod rolling;
pub mod stages;
pub mod timing;
pub mod workflow;

pub mod urgent;
pub mod watch;

pub mod outgoing;
pub mod outlook;
pub mod policy;
pub mod schedule;
pub mod timetable;
pub mod velocity;

pub mod forecast;

mod bench;
pub mod command;
pub mod decide;

#[cfg(test)]
pub(crate) mod tests;

pub use command::Command;
pub use decide::{Decided, Undecided, decide, decide_on};
pub use refusal::Refusal;
pub use state::{Plan, TaskView};
