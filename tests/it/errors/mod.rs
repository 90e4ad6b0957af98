//! Bad input from every side: each is a clear refusal, and nothing changes.

mod fences;
mod files;
mod plans;
mod start;
mod tokens;
mod wire;
