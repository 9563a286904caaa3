//! Connections and providers as the connections window shows them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{ConnectionId, ProviderId};
use crate::oauth::ReturnKind;
use crate::time::Timestamp;

/// How a connection proves who the person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Signed in through the browser.
    Oauth,
    /// With a key the person pasted, or one a sign-in returned.
    ApiKey,
    /// With nothing: a server on this machine, say.
    None,
}

/// What is known of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Its first real call is under way.
    Checking,
    /// The last real call succeeded.
    Connected,
    /// Its credential is no longer accepted, or is gone.
    NeedsSignIn,
    /// The last call failed for another reason; it may pass.
    Failing,
}

/// A connection as the window shows it; holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Which connection.
    pub id: ConnectionId,
    /// At which provider.
    pub provider: ProviderId,
    /// The provider's name.
    pub provider_name: String,
    /// The person's name for it.
    pub label: String,
    /// Its own colour, as a hue in degrees.
    pub hue: u16,
    /// How it proves who the person is.
    pub method: Method,
    /// What is known of it.
    pub state: ConnectionState,
    /// Whose account, where the provider says so.
    pub account: Option<String>,
    /// The key with its middle left out, such as `sk-…abcd`.
    pub masked_key: Option<String>,
    /// Where requests go.
    pub base_url: String,
    /// When the access token runs out, where that is known.
    pub expires_at: Option<Timestamp>,
    /// When a real call last succeeded.
    pub last_ok_at: Option<Timestamp>,
    /// What the last failed call said, in words.
    pub last_error: Option<String>,
    /// How many models it lists, once known.
    pub model_count: Option<u32>,
    /// The provider offers a sign-in, so "Reconnect" can start one.
    pub can_sign_in: bool,
}

/// A provider as the window shows it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// Which provider.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// One line on what it is or what to know before connecting.
    pub note: Option<String>,
    /// The returns of its sign-in, best first; empty when it has none.
    pub returns: Vec<ReturnKind>,
    /// It takes a key.
    pub takes_key: bool,
    /// It works without any credential.
    pub takes_none: bool,
    /// The page where the person makes a key.
    pub key_page: Option<String>,
    /// Where requests go; `None` when the person has to say.
    pub base_url: Option<String>,
    /// It exists in development builds only.
    pub development: bool,
}

/// What "Disconnect" did.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Disconnected {
    /// The provider was not told, and why; the credential is deleted here in any case.
    pub remote_error: Option<String>,
}
