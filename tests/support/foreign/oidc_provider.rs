//! npm `oidc-provider`: an OpenID-certified authorization server. It serves no models; those come from a sandbox that
//! accepts any token, whose captures then show the token.

use std::time::Duration;

use super::node::Node;
use crate::Result;

/// How the server behaves.
#[derive(Clone, Debug, Default)]
pub struct OidcOptions {
    /// How long access tokens live; an hour unless said otherwise.
    pub access_token_lifetime: Option<Duration>,
}

/// A running `oidc-provider`.
pub struct OidcProvider {
    _node: Node,
    issuer: String,
}

impl OidcProvider {
    /// The id of its catalogue entry, and so the last part of its redirect URI.
    pub const ID: &'static str = "oidc";

    /// The name that the application shows.
    pub const NAME: &'static str = "OpenID";

    /// Starts it on a port of its own.
    pub async fn start(options: OidcOptions) -> Result<Self> {
        let lifetime = options.access_token_lifetime.unwrap_or(Duration::from_hours(1));
        let arguments = ["--access-token-seconds".to_owned(), lifetime.as_secs().to_string()];
        let node = Node::start("oidc-provider.mjs", &arguments).await?;
        let issuer = node.says("issuer")?;
        Ok(Self { _node: node, issuer })
    }

    /// Its issuer, `http://127.0.0.1:<port>`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its catalogue entry, with models from elsewhere, such as [`crate::sandbox::Sandbox::base_url`].
    pub fn provider_toml(&self, models_base_url: &str) -> String {
        let (id, name, issuer) = (Self::ID, Self::NAME, &self.issuer);
        format!(
            r#"[[provider]]
id = "{id}"
name = "{name}"
note = "A certified authorization server, for tests."
wire = "chat_completions"
base_url = "{models_base_url}"

[provider.sign_in]
strategy = "authorization_code"
standing = {{ official = true, source = "A test", date = "2026-11-23" }}
returns = ["deep_link", "loopback"]
client_id = "patchbay"
issuer = "{issuer}"
requires_issuer = true
authorize_url = "{issuer}/auth"
token_url = "{issuer}/token"
revocation_url = "{issuer}/token/revocation"
userinfo_url = "{issuer}/me"
scopes = ["openid", "email", "offline_access"]
authorize_parameters = {{ prompt = "consent" }}
"#
        )
    }
}
