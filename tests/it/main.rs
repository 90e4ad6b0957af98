//! What the outside relies on, tried against the real program: its contract with scripts, its answers to
//! bad input, and its promises over crashes.

// Tells clippy that helpers beside the tests are test code too.
#![cfg(test)]

mod api;
mod bench;
mod contract;
mod crash;
mod daemon;
mod demo;
mod documents;
mod errors;
mod fuzz;
#[path = "../fuzz/src/lib.rs"]
mod fuzz_targets;
mod gates;
mod history;
mod interface;
mod logs;
mod metrics;
mod operate;
mod operations;
mod process;
mod registers;
mod service;
mod settings;
mod smtp;
mod sprints;
mod teams;
mod workflows;
