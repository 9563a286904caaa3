//! The executable: answers `--version`, refuses to start where no window can be shown, and starts the shell.
//!
//! Everything else is in the library beside it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write as _;
use std::process::ExitCode;

use patchbay_core::words::say;

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--version") {
        let _ = writeln!(std::io::stdout(), "Patchbay {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    if !patchbay_shell::rendering::has_display() {
        let _ = writeln!(std::io::stderr(), "{}", say("shell-no-display"));
        return ExitCode::FAILURE;
    }
    // Before any thread starts, as it changes the environment.
    patchbay_shell::rendering::choose();
    match patchbay_shell::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}", say("shell-cannot-start"));
            tracing::error!(%error, "the shell could not start");
            ExitCode::FAILURE
        }
    }
}
