//! Models and choices as the dropdown, the tray and the sidebar show them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{ConnectionId, ModelReference};
use crate::pool::ConnectionState;
use crate::time::Timestamp;

pub use crate::store::model_lists::ModelView;

/// A chat's model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// Whatever the default is.
    #[default]
    Default,
    /// This one, whatever the default is.
    Pinned {
        /// Which model.
        reference: ModelReference,
    },
}

/// The plug: the one mark for where a chat is plugged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// On the default.
    Default,
    /// Pinned.
    Pinned,
    /// Neither can be used now.
    Unavailable,
}

/// Why a chat's model cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnavailableReason {
    /// There is no connection at all: the first thing to do is to connect one.
    NoConnection,
    /// No default was chosen.
    NoDefault,
    /// The connection was removed.
    Disconnected,
    /// The connection has to be signed in to again.
    NeedsSignIn,
    /// The provider no longer lists the model.
    NotListed,
}

/// Why a chat's model cannot be used, with words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Unavailable {
    /// The reason.
    pub reason: UnavailableReason,
    /// What is the matter and what to do.
    pub message: String,
}

/// What a choice resolves to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveModel {
    /// The plug to show.
    pub mark: Mark,
    /// The model, also when it is unavailable; `None` when no default was chosen.
    pub reference: Option<ModelReference>,
    /// The model's name for people; empty when there is none.
    pub name: String,
    /// The connection's label.
    pub connection_label: Option<String>,
    /// The connection's colour, as a hue in degrees.
    pub hue: Option<u16>,
    /// Whether the choice is the default (the mark may say unavailable).
    pub on_default: bool,
    /// Why it cannot be used now.
    pub unavailable: Option<Unavailable>,
    /// The dropdown's visible text: `Default: GPT-6 mini`, `Pinned: …`, `Unavailable: …`.
    pub label: String,
}

/// The models of one connection.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelGroup {
    /// Whose models.
    pub connection: ConnectionId,
    /// The connection's label.
    pub label: String,
    /// The provider's name.
    pub provider_name: String,
    /// The connection's colour, as a hue in degrees.
    pub hue: u16,
    /// What is known of the connection.
    pub state: ConnectionState,
    /// The models, as last listed.
    pub models: Vec<ModelView>,
    /// When they were listed.
    pub fetched_at: Option<Timestamp>,
    /// A new list is being fetched.
    pub loading: bool,
    /// Why the last fetch failed; the models are then those of before.
    pub error: Option<String>,
}

/// Everything the dropdown shows.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Picker {
    /// What "Use default" stands for now.
    pub default: EffectiveModel,
    /// The models by connection.
    pub groups: Vec<ModelGroup>,
}
