//! What the tests stand on: the sandbox provider, foreign servers, and the drivers of the real window.
//!
//! Nothing here checks anything; the checks are in `flows/` (the core, no window) and `e2e/` (the built application).
//! It is a library and not a test helper, because `cargo xtask run` starts the sandbox too, and its tour plays the
//! main job through the same drivers.

pub mod browser;
pub mod canary;
pub mod folder_vault;
pub mod foreign;
pub mod html;
pub mod http;
pub mod sandbox;
#[cfg(target_os = "linux")]
pub mod session;
#[cfg(target_os = "linux")]
pub mod tray;
#[cfg(target_os = "linux")]
pub mod window;

mod wait;

pub use anyhow::{Context, Error as Failure, bail, ensure};
pub use wait::{PATIENCE, until};

/// What a step of a test gives, with words that say which step failed.
pub type Result<T, E = Failure> = std::result::Result<T, E>;
