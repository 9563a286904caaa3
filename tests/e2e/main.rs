//! The built application in a real window, in a desktop session of its own.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[cfg(target_os = "linux")]
mod attack;
#[cfg(target_os = "linux")]
mod bad_day;
#[cfg(target_os = "linux")]
mod main_job;
#[cfg(target_os = "linux")]
mod returns;
#[cfg(target_os = "linux")]
mod session;
#[cfg(target_os = "linux")]
mod steps;
