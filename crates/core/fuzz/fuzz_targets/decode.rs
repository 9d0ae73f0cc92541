//! Bytes as commands, requests and records.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tidings_core_fuzz::decode::run(bytes);
});
