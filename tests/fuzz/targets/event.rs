//! Any text as stored events.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| muster_fuzz::event::run(input));
