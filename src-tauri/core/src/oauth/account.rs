//! Whose account it is, for the connection's label. Nice to have: whatever fails here is left out.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::endpoint;
use super::response::reviewed_words;
use crate::providers::SignInDefinition;
use crate::vault::Secret;

/// How long the person waits for a name.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the provider (the userinfo endpoint of `OpenID` Connect).
pub(super) async fn name(http: &Client, definition: &SignInDefinition, token: &Secret) -> Option<String> {
    let address = definition.userinfo_url.as_ref().filter(|address| endpoint::is_secure(address))?;
    let answer = endpoint::send(http.get(address.clone()).bearer_auth(token.expose()), PATIENCE).await.ok()?;
    if answer.status != 200 {
        return None;
    }
    let claims: Value = serde_json::from_slice(&answer.body).ok()?;
    ["email", "preferred_username", "name", "sub"].iter().find_map(|claim| shown(claims.get(claim)?.as_str()?))
}

/// The name as it may be shown.
pub(super) fn shown(name: &str) -> Option<String> {
    Some(reviewed_words(name)).filter(|name| !name.is_empty())
}
