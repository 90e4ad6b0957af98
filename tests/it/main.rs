//! To come.

// Tells clippy that helpers beside the tests are test code too.
#![cfg(test)]

mod documents;
