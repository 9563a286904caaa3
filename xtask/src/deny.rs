//! `cargo xtask deny`: licences, bans and sources of every dependency, by `deny.toml`. A chore, not part of the tests.

use crate::failure::{Failure, Outcome};
use crate::process::Call;
use crate::setup;

/// Checks them.
pub(crate) fn deny() -> Outcome {
    if !setup::is_on_path(&format!("cargo-deny{}", std::env::consts::EXE_SUFFIX)) {
        return Err(Failure::new("cargo-deny is not installed. Install it with `cargo install --locked cargo-deny`."));
    }
    Call::cargo().arguments("deny --workspace check licenses bans sources").run()
}
