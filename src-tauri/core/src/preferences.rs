//! How Patchbay looks on this machine: nothing whose loss would matter.
//!
//! The shell keeps them in a file of their own; choices that matter are in the database.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// As the desktop says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The preferences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, rename_all = "camelCase")]
pub struct Preferences {
    /// Light or dark.
    pub appearance: Appearance,
}
