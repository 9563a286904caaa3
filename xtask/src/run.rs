//! `cargo xtask run`: from a fresh clone to the running application, with the sandbox provider beside it.
//!
//! The sandbox makes the main job work with no account and no internet. Without a display the same job is played as
//! a tour in a virtual one.

use crate::failure::{Failure, Outcome};
use crate::process::{Call, built};
use crate::sandbox::{self, Sandbox};
use crate::systems::Need;
use crate::{say, setup};

/// Builds and runs the application.
pub(crate) fn run() -> Outcome {
    if !has_display() {
        say::line("There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so this plays the tour:");
        say::line("the same application and the same steps, in a virtual display with its own session and keyring.");
        return tour();
    }
    setup::system(&[Need::Build])?;
    setup::interface()?;
    build()?;
    let sandbox = Sandbox::start()?;
    say::line(&format!("The sandbox provider listens on {}. In Patchbay choose Connections, then", sandbox.address()));
    say::line(&format!("\"Sign in to {}\"; any name will do there. Close Patchbay to stop both.", sandbox::NAME));
    Call::new(built("debug", "patchbay")).run()
}

/// Plays the main job in a virtual display; its pictures go to `target/tour`.
pub(crate) fn tour() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure::new("The tour needs Linux; here `cargo xtask run` opens the window itself."));
    }
    setup::system(&[Need::Build, Need::Window])?;
    setup::interface()?;
    build()?;
    Call::new(built("debug", "patchbay-tour")).variable("PATCHBAY_BINARY", built("debug", "patchbay")).run()
}

/// Builds the interface, then every program.
///
/// The whole workspace at once: Cargo then settles on one set of features, the one that the tests use too, and
/// compiles each dependency a single time.
pub(crate) fn build() -> Outcome {
    setup::build_interface()?;
    Call::cargo().arguments("build --workspace --bins --exclude xtask").run()
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
