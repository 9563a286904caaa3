//! What the catalogue says of a provider; the shape of `catalog/providers.toml` and of files in `providers.d/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;
use url::Url;

use crate::ids::ProviderId;
use crate::wire::{Format, ListFormat};

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
    /// Where it is listed in the window.
    #[serde(default)]
    pub group: Group,
    /// Where the facts of this entry are from. Every built-in entry says it.
    pub fact: Option<Fact>,
    /// How requests and streams are written.
    pub wire: Format,
    /// How it lists its models.
    #[serde(default)]
    pub list: ListFormat,
    /// A path below the base URL that only answers with a good credential, read before the list: for those who list
    /// their models to anyone.
    pub check: Option<String>,
    /// Where requests go, up to and without the last slash; the person says where it is missing.
    pub base_url: Option<Url>,
    /// The header a key goes into. An OAuth token is always a bearer token.
    #[serde(default)]
    pub auth: AuthHeader,
    /// More headers for every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Parameters added to the body of every chat request.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Parameters that it refuses, which are therefore not sent.
    #[serde(default)]
    pub refuses: Vec<String>,
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

impl Provider {
    /// What the body of a chat request has besides its own, in the way of [`crate::wire::ChatRequest::extra`]: what is
    /// added, and as `null` what is taken away.
    pub fn extra(&self) -> Map<String, Value> {
        let mut extra = self.parameters.clone();
        extra.extend(self.refuses.iter().map(|parameter| (parameter.clone(), Value::Null)));
        extra
    }
}

/// Where a provider is listed in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// A service on the internet.
    Cloud,
    /// A server on this machine, at the port it usually has.
    Local,
    /// Whatever the person runs or defined, at an address of theirs.
    #[default]
    Own,
}

/// Where an entry's address and header are from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The page or repository.
    pub source: String,
    /// Of when it is, or when it was read, as `YYYY-MM-DD`.
    pub date: String,
    /// It was read there; otherwise it is only generally known.
    pub checked: bool,
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
    /// Environment variables that commonly hold one: data for recognising keys. No variable is read.
    #[serde(default)]
    pub environment: Vec<String>,
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
    /// Where the account's name can be read with the token (OIDC).
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
