//! What the fuzz targets do with their bytes. The core's tests run the same functions on seeded bytes
//! and on the kept corpus (`tests/fuzz_targets.rs`), so that they are alive without a fuzzer.

pub mod decode;
pub mod life;

#[path = "../../tests/duel/mod.rs"]
mod duel;
#[path = "../../tests/model/mod.rs"]
mod model;
#[path = "../../tests/support/mod.rs"]
pub mod support;

/// What the engine can do, asked once.
pub fn able() -> support::Able {
    static ABLE: std::sync::OnceLock<support::Able> = std::sync::OnceLock::new();
    *ABLE.get_or_init(support::Able::asked)
}
