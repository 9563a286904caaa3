//! What a window needs to know first.

use serde::Serialize;
use ts_rs::TS;

use crate::error::Error;
use crate::ids::ChatId;
use crate::vault::VaultState;

/// What a window needs to know first.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Startup {
    /// This build's version.
    pub version: String,
    /// This is a development build: the sandbox provider is offered.
    pub development: bool,
    /// Patchbay could not start; shown instead of everything else.
    pub failure: Option<Error>,
    /// What happened before any window could be told.
    pub notices: Vec<String>,
    /// Where credentials are kept.
    pub vault: VaultState,
    /// The current chat, if there is one.
    pub current_chat: Option<ChatId>,
}
