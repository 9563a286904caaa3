//! Everything Patchbay does, without a window.
//!
//! The shell (the Tauri application beside this crate) unpacks a command, calls [`app::App`] and maps the
//! error; it holds no behaviour of its own. Nothing here names Tauri, so every flow runs in a plain test.
//!
//! Dependencies inside the crate run one way: `store`, `vault`, `markdown`, `wire` at the bottom; `providers` and
//! `oauth` on them; then `pool`; then `models`; then `chat`; `app` on top.

#![deny(missing_docs)]

pub mod chat;
pub mod error;
pub mod event;
pub mod ids;
pub mod models;
pub mod oauth;
pub mod pool;
pub mod ports;
pub mod providers;
pub mod time;
pub mod vault;
pub mod wire;
pub mod words;
