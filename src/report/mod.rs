//! What people read about a plan, as data first and as markdown or text after: pure functions of a plan,
//! its events and the facts handed in, so the same input always gives the same bytes.

mod words;
mod zone;

mod page;

mod markdown;
mod text;

pub mod calendar;
pub mod data;

mod waiting;
mod waits;

mod sections;

pub mod dates;

pub mod blockers;
pub mod integration;
pub mod session;
pub mod sprint;
pub mod workflow;

pub mod standup;

#[cfg(test)]
mod fixture;
