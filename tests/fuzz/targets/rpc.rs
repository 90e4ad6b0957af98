//! Any bytes as a request to any method.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| muster_fuzz::rpc::run(input));
