//! A Tauri window with one static page and no code of ours: the yardstick of `cargo xtask bench`.
//!
//! Built from the same lock file, with the same profile and in the same call of Cargo as Patchbay, so that the
//! difference between the two is Patchbay.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tauri::Builder::default().run(tauri::generate_context!()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
