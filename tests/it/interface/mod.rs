//! The published interface as its descriptors tell it: what it must look like, and that nothing of it is
//! taken back. No daemon is needed here.

mod compatibility;
pub mod descriptor;
mod rules;
pub mod sample;
