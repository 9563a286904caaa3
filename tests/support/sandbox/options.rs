//! What a sandbox is started with, and the catalogue entry that describes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::CLIENT_ID;

/// How a sandbox behaves when nobody interferes.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// Who can sign in.
    pub accounts: Vec<Account>,
    /// What is on the model list.
    pub models: Vec<Model>,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// How fast answers are written; `None` is as fast as they are read.
    pub tokens_per_second: Option<u32>,
    /// A comment line is sent before every so many pieces, as providers do to keep a connection open.
    pub keep_alive_every: Option<usize>,
    /// Any bearer token is good, for providers whose tokens come from another server.
    pub accepts_any_token: bool,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            port: 0,
            accounts: vec![Account::new("ada", "Ada"), Account::new("grace", "Grace")],
            models: Model::defaults(),
            access_token_lifetime: Duration::from_hours(1),
            tokens_per_second: None,
            keep_alive_every: Some(20),
            accepts_any_token: false,
        }
    }
}

/// Someone who can sign in, without a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What the consent page and `userinfo` call it: `ada@sandbox.example`.
    pub email: String,
    /// The person's name.
    pub name: String,
}

impl Account {
    /// An account at `sandbox.example`.
    pub fn new(user: &str, name: &str) -> Self {
        Self { email: format!("{user}@sandbox.example"), name: name.to_owned() }
    }
}

/// One entry of the model list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// What a request names.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// How many tokens it takes.
    pub context_length: u32,
}

impl Model {
    /// A model.
    pub fn new(id: &str, name: &str, context_length: u32) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), context_length }
    }

    /// The four that the sandbox starts with.
    pub fn defaults() -> Vec<Self> {
        vec![
            Self::new("sandbox-small", "Sandbox Small", 16_000),
            Self::new("sandbox-large", "Sandbox Large", 200_000),
            Self::new("sandbox-thinker", "Sandbox Thinker", 128_000),
            Self::new("sandbox-poet", "Sandbox Poet", 8_000),
        ]
    }
}

/// The catalogue entry of the sandbox at `issuer`.
pub(super) fn provider_toml(issuer: &str, id: &str, name: &str, returns: &[&str]) -> String {
    let returns = returns.iter().map(|kind| format!("\"{kind}\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"[[provider]]
id = "{id}"
name = "{name}"
note = "A provider on this machine, to try everything without an account."
wire = "chat_completions"
base_url = "{issuer}/v1"
development = true

[provider.key]
page = "{issuer}/"

[provider.sign_in]
strategy = "authorization_code"
standing = {{ official = true, source = "Part of Patchbay", date = "2026-11-23" }}
returns = [{returns}]
client_id = "{CLIENT_ID}"
issuer = "{issuer}"
requires_issuer = true
authorize_url = "{issuer}/oauth/authorize"
token_url = "{issuer}/oauth/token"
revocation_url = "{issuer}/oauth/revoke"
userinfo_url = "{issuer}/oauth/userinfo"
scopes = ["models", "chat"]
"#
    )
}
