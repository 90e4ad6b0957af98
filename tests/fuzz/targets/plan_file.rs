//! Any bytes as a plan file.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| muster_fuzz::plan_file::run(input));
