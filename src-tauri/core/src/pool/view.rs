//! Connections and providers as the connections window shows them.

use serde::Serialize;
use ts_rs::TS;

use crate::ids::{ConnectionId, ProviderId};
use crate::oauth::ReturnKind;
use crate::providers::{Group, Provider};
use crate::store::connections::ConnectionRecord;
use crate::time::Timestamp;

pub use crate::store::connections::{ConnectionState, Method};

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

impl ConnectionView {
    /// The view of a stored connection.
    pub(crate) fn of(record: &ConnectionRecord, provider: Option<&Provider>, model_count: Option<u32>) -> Self {
        Self {
            id: record.id,
            provider: record.provider.clone(),
            provider_name: provider.map_or_else(|| record.provider.to_string(), |provider| provider.name.clone()),
            label: record.label.clone(),
            hue: record.hue,
            method: record.method,
            state: record.state,
            account: record.account.clone(),
            masked_key: record.masked_key.clone(),
            base_url: record.base_url.clone(),
            expires_at: record.expires_at,
            last_ok_at: record.last_ok_at,
            last_error: record.last_error.clone(),
            model_count,
            can_sign_in: provider.is_some_and(|provider| provider.sign_in.is_some()),
        }
    }
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
    /// Where it is listed.
    pub group: Group,
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

impl ProviderView {
    /// The view of a provider in the catalogue.
    pub(crate) fn of(provider: &Provider) -> Self {
        Self {
            id: provider.id.clone(),
            name: provider.name.clone(),
            note: provider.note.clone(),
            group: provider.group,
            returns: provider.sign_in.as_ref().map(|sign_in| sign_in.returns.clone()).unwrap_or_default(),
            takes_key: provider.key.is_some(),
            takes_none: provider.takes_none,
            key_page: provider.key.as_ref().and_then(|key| key.page.as_ref()).map(ToString::to_string),
            base_url: provider.base_url.as_ref().map(ToString::to_string),
            development: provider.development,
        }
    }
}

/// What "Disconnect" did.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Disconnected {
    /// The provider was not told, and why; the credential is deleted here in any case.
    pub remote_error: Option<String>,
}
