//! `cargo xtask package`: what a person installs.

use crate::failure::{Failure, Outcome};
use crate::process::{Call, root, target};
use crate::systems::Need;
use crate::{say, setup};

/// Builds a `.deb` of the release build.
pub(crate) fn package() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure::new("Only the .deb is packaged yet, and that needs Linux."));
    }
    setup::system(&[Need::Build])?;
    setup::interface()?;
    // Tauri finds `src-tauri` below the folder it runs in; the configuration names no command to build the
    // interface with, so that there is one way to build it.
    setup::build_interface()?;
    Call::new(tauri()).arguments("build --bundles deb").run()?;
    let folder = target().join("release/bundle/deb");
    say::line(&format!("The package is in {}", folder.strip_prefix(root()).unwrap_or(&folder).display()));
    Ok(())
}

/// Tauri's command line, from the interface's packages.
pub(crate) fn tauri() -> std::path::PathBuf {
    root().join("ui/node_modules/.bin").join(if cfg!(windows) { "tauri.cmd" } else { "tauri" })
}
