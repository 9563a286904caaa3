//! Everything Patchbay does, without a window.
//!
//! The shell (the Tauri application beside this crate) unpacks a command, calls [`app::App`] and maps the
//! error; it holds no behaviour of its own. Nothing here names Tauri, so every flow runs in a plain test.
//!
//! Dependencies inside the crate run one way: `store`, `vault`, `markdown`, `wire` at the bottom; then
//! `providers`; then `oauth`; then `pool`; then `models`; then `chat`; `app` on top.

#![deny(missing_docs)]

pub mod app;
pub mod chat;
pub mod deep_link;
pub mod error;
pub mod event;
pub mod http;
pub mod ids;
pub mod markdown;
pub mod models;
pub mod oauth;
pub mod pool;
pub mod ports;
pub mod preferences;
pub mod providers;
pub mod startup;
pub mod store;
pub mod time;
pub mod tray;
pub mod vault;
pub mod wire;
pub mod words;
