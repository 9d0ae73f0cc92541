//! What the fuzz targets do with their bytes. The core's tests run the same functions on seeded bytes
//! and on the kept corpus (`tests/fuzz_targets.rs`), so that they are alive without a fuzzer.

pub mod decode;
pub mod life;

#[path = "../../tests/duel/mod.rs"]
mod duel;
#[path = "../../tests/model/mod.rs"]
mod model;
#[path = "../../tests/support/mod.rs"]
mod support;
