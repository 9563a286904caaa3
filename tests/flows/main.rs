//! The core without a window, against local servers.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod attack;
mod canary;
mod catalogue;
mod choices;
mod crash;
mod credential;
mod foreign;
mod harness;
mod keychain;
mod models;
mod sandbox;
mod sign_in;
mod startup;
mod streaming;
