//! What the catalogue says of a provider; the shape of `catalog/providers.toml` and of files in `providers.d/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::Url;

use crate::ids::ProviderId;
use crate::wire::Format;

/// A service that serves models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name in files, redirect URIs and the database.
    pub id: ProviderId,
    /// Its name for people.
    pub name: String,
    /// One line on what it is or what to know before connecting.
    pub note: Option<String>,
    /// How requests and streams are written.
    pub wire: Format,
    /// Where requests go, up to and without the last slash; the person says where it is missing.
    pub base_url: Option<Url>,
    /// The header a key goes into. An OAuth token is always a bearer token.
    #[serde(default)]
    pub auth: AuthHeader,
    /// More headers for every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// It takes a key.
    pub key: Option<KeyDefinition>,
    /// It offers a sign-in.
    pub sign_in: Option<SignInDefinition>,
    /// It works without any credential.
    #[serde(default)]
    pub takes_none: bool,
    /// It is offered in development builds only.
    #[serde(default)]
    pub development: bool,
}

/// The header a key goes into.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthHeader {
    /// `Authorization: Bearer <key>`.
    #[default]
    Bearer,
    /// A header of its own, such as `x-api-key`.
    Header(String),
}

/// What to know of a provider's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDefinition {
    /// The page where the person makes one.
    pub page: Option<Url>,
}

/// How the authorization response comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReturnKind {
    /// The browser opens a link with the application's own scheme.
    DeepLink,
    /// The browser is sent to a page that the application serves on this machine.
    Loopback,
    /// The person copies the address or the code.
    Paste,
}

/// How a sign-in's authorization and exchange are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Authorization code with PKCE (RFC 6749, 7636, 8252).
    #[default]
    AuthorizationCode,
    /// PKCE with neither client id nor state, exchanged for a permanent key: OpenRouter. Our nonce goes into the
    /// path of the callback.
    KeyExchange,
}

/// Whether the vendor lets other applications use this sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// It does.
    pub official: bool,
    /// Where that is said.
    pub source: String,
    /// When that was read, as `YYYY-MM-DD`.
    pub date: String,
}

/// A provider's sign-in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInDefinition {
    /// How its requests are written.
    #[serde(default)]
    pub strategy: Strategy,
    /// Whether other applications may use it.
    pub standing: Standing,
    /// The returns it accepts, best first. Paste is always possible and need not be listed.
    pub returns: Vec<ReturnKind>,
    /// Our public client's id there.
    pub client_id: Option<String>,
    /// The issuer that `iss` in the response must equal (RFC 9207).
    pub issuer: Option<String>,
    /// A response without `iss` is refused.
    #[serde(default)]
    pub requires_issuer: bool,
    /// Where the browser goes.
    pub authorize_url: Url,
    /// Where the code is exchanged and tokens are refreshed.
    pub token_url: Url,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_url: Option<Url>,
    /// Where the account's name can be read with the token (OpenID Connect).
    pub userinfo_url: Option<Url>,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// More parameters for the authorization request.
    #[serde(default)]
    pub authorize_parameters: BTreeMap<String, String>,
    /// How the loopback return is reached.
    #[serde(default)]
    pub loopback: LoopbackDefinition,
}

/// How a provider reaches the loopback return.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoopbackDefinition {
    /// The host as the provider has it registered: `127.0.0.1` or `localhost`.
    pub host: String,
    /// The ports to try in this order; empty lets the system choose.
    pub ports: Vec<u16>,
    /// The path of the redirect URI, beginning with a slash.
    pub path: String,
}

impl Default for LoopbackDefinition {
    fn default() -> Self {
        Self { host: "127.0.0.1".to_owned(), ports: Vec::new(), path: "/oauth/callback".to_owned() }
    }
}
