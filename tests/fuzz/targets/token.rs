//! Any bytes as an authorization header or a page token.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| muster_fuzz::token::run(input));
