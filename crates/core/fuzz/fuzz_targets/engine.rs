//! Bytes as a market's life.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tidings_core_fuzz::life::run(bytes);
});
