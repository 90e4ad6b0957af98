//! What people read about a plan, as data first and as markdown, text or HTML after: pure functions of a plan,
//! its events and the facts handed in, so the same input always gives the same bytes.

mod words;
mod zone;

mod chart;
mod page;

mod html;
mod markdown;
mod text;

pub mod calendar;
pub mod data;

mod waiting;
mod waits;

mod sections;
pub mod session;

pub mod marks;

pub mod dates;

pub mod blockers;
pub mod integration;
pub mod sprint;
pub mod workflow;

pub mod standup;

pub mod milestones;
pub mod progress;
pub mod risks;

pub mod watch;

pub mod oversight;
pub mod sprint_review;
pub mod stakeholder_update;
pub mod weekly_review;

pub mod document;

#[cfg(test)]
mod busy;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod fixture;
