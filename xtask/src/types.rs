//! `cargo xtask types`: the TypeScript types of everything that passes between the interface and the core.
//!
//! They are generated from the Rust types and committed; the same test that writes them here fails on drift elsewhere.

use crate::failure::Outcome;
use crate::process::Call;

/// Writes them again.
pub(crate) fn write() -> Outcome {
    test().variable("PATCHBAY_WRITE_TYPES", "1").run()
}

/// Compares them with what is committed.
pub(crate) fn check() -> Outcome {
    test().run()
}

fn test() -> Call {
    Call::cargo().arguments("test --workspace --test types")
}
