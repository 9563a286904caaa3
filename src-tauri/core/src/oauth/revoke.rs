//! Telling the server that its tokens are no longer wanted (RFC 7009).
//!
//! The credential is deleted here in any case; this only reports whether the other side was told.

use std::time::Duration;

use reqwest::Client;

use super::EndpointError;
use super::endpoint;
use crate::providers::SignInDefinition;
use crate::vault::{OAuthTokens, Secret};
use crate::words;

/// How long the person waits for this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the server was not told, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokeError {
    /// It offers no way.
    #[error("{0}")]
    NotOffered(String),
    /// It could not be reached or did not accept it.
    #[error("{0}")]
    Failed(String),
}

/// Revokes the refresh token, then the access token, which some servers keep alive on its own.
pub async fn revoke(http: &Client, definition: &SignInDefinition, tokens: &OAuthTokens) -> Result<(), RevokeError> {
    let Some(address) = &definition.revocation_url else {
        let server = endpoint::server_name(&definition.token_url);
        return Err(RevokeError::NotOffered(words::say_with("sign-in-revoke-none", &[("server", &server)])));
    };
    let failed = |error: &EndpointError| {
        let reason = match error {
            EndpointError::TimedOut => words::say("sign-in-reason-silent"),
            EndpointError::Busy { status }
            | EndpointError::Refused { status, .. }
            | EndpointError::Unexpected { status } => {
                words::say_with("sign-in-reason-status", &[("status", &status.to_string())])
            }
            _ => words::say("sign-in-reason-unreachable"),
        };
        let server = endpoint::server_name(address);
        RevokeError::Failed(words::say_with("sign-in-revoke-failed", &[("server", &server), ("reason", &reason)]))
    };
    if !endpoint::is_secure(address) {
        return Err(failed(&EndpointError::Insecure));
    }
    let both = async {
        if let Some(token) = &tokens.refresh_token {
            revoke_one(http, definition, address, token, "refresh_token").await?;
        }
        revoke_one(http, definition, address, &tokens.access_token, "access_token").await
    };
    match tokio::time::timeout(PATIENCE, both).await {
        Ok(result) => result.map_err(|error| failed(&error)),
        Err(_) => Err(failed(&EndpointError::TimedOut)),
    }
}

async fn revoke_one(
    http: &Client,
    definition: &SignInDefinition,
    address: &url::Url,
    token: &Secret,
    kind: &str,
) -> Result<(), EndpointError> {
    let mut form = vec![("token", token.expose()), ("token_type_hint", kind)];
    if let Some(client_id) = &definition.client_id {
        form.push(("client_id", client_id));
    }
    let answer = endpoint::send(http.post(address.clone()).form(&form), PATIENCE).await?;
    match answer.status {
        200..300 => Ok(()),
        // Some servers cannot revoke access tokens; those run out by themselves once the refresh token is gone.
        400 if kind == "access_token" => match EndpointError::from_answer(answer.status, &answer.body) {
            EndpointError::Refused { code: Some(code), .. } if code == "unsupported_token_type" => Ok(()),
            error => Err(error),
        },
        status => Err(EndpointError::from_answer(status, &answer.body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::testing::{Server, client, definition};

    fn tokens() -> OAuthTokens {
        OAuthTokens {
            access_token: Secret::new("canary-a"),
            refresh_token: Some(Secret::new("canary-r")),
            expires_at: None,
            scope: None,
        }
    }

    #[tokio::test]
    async fn the_refresh_token_goes_first_and_in_the_body() {
        let server = Server::answering(&[(200, ""), (200, "")]).await;
        revoke(&client(), &definition(&server.url("/")), &tokens()).await.unwrap();
        let requests = server.requests();
        assert!(requests[0].ends_with("token=canary-r&token_type_hint=refresh_token&client_id=patchbay"));
        assert!(requests[1].ends_with("token=canary-a&token_type_hint=access_token&client_id=patchbay"));
        assert!(requests.iter().all(|request| request.starts_with("POST /revoke HTTP/1.1")), "nothing in the query");
    }

    #[tokio::test]
    async fn a_server_that_only_revokes_refresh_tokens_is_fine() {
        let server = Server::answering(&[(200, ""), (400, r#"{"error":"unsupported_token_type"}"#)]).await;
        assert_eq!(revoke(&client(), &definition(&server.url("/")), &tokens()).await, Ok(()));
    }

    #[tokio::test]
    async fn failures_are_told_in_words_without_the_token() {
        let server = Server::answering(&[(503, "canary-r"), (503, "")]).await;
        let error = revoke(&client(), &definition(&server.url("/")), &tokens()).await.unwrap_err();
        assert!(matches!(&error, RevokeError::Failed(words) if words.contains("503")), "{error}");
        assert!(!error.to_string().contains("canary"));
        let mut without = definition(&Server::gone().await);
        assert!(matches!(revoke(&client(), &without, &tokens()).await, Err(RevokeError::Failed(_))));
        without.revocation_url = None;
        assert!(matches!(revoke(&client(), &without, &tokens()).await, Err(RevokeError::NotOffered(_))));
    }
}
