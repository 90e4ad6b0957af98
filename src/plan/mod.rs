//! What may happen to a plan, and what follows: pure functions over values.

pub mod id;
pub mod import;
pub mod time;
