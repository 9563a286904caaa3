//! A sign-in as the dialog shows it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{ConnectionId, ProviderId, SignInId};
use crate::time::Timestamp;

pub use crate::providers::ReturnKind;

/// How far a sign-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInStage {
    /// Waiting for the person to allow Patchbay in the browser.
    Waiting,
    /// The response arrived; its code is being exchanged.
    Exchanging,
    /// The credential is stored; a real call is being made.
    Checking,
    /// Done.
    Connected,
    /// It failed for good; only a new one helps.
    Failed,
    /// The person cancelled, or a second attempt replaced it.
    Cancelled,
}

/// A sign-in as the dialog shows it; holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    /// Which sign-in.
    pub id: SignInId,
    /// At which provider.
    pub provider: ProviderId,
    /// The provider's name.
    pub provider_name: String,
    /// The return in use now.
    pub return_kind: ReturnKind,
    /// The returns this provider has, best first.
    pub returns: Vec<ReturnKind>,
    /// How far it has come.
    pub stage: SignInStage,
    /// Whether the browser was started.
    pub browser_opened: bool,
    /// What went wrong last, in words; set also while the sign-in can go on.
    pub error: Option<String>,
    /// The last step can be tried again without starting over.
    pub can_retry: bool,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// The connection it made, or will renew.
    pub connection: Option<ConnectionId>,
}
