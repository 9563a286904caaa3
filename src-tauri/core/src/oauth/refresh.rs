//! A new access token for a refresh token (RFC 6749 section 6).
//!
//! One request, no more: when to ask, for how many waiters, and when to ask again is the pool's.

use reqwest::Client;

use super::endpoint::{self, PATIENCE};
use super::{EndpointError, parse_token_response};
use crate::providers::SignInDefinition;
use crate::time::Timestamp;
use crate::vault::OAuthTokens;
use crate::words;

/// Why there is no new token, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// Only a new sign-in helps.
    #[error("{0}")]
    Final(String),
    /// It may work later; the old token stays what it is.
    #[error("{0}")]
    Temporary(String),
}

/// Obtains a new access token. If the server sends no new refresh token, the old one goes on.
pub async fn refresh(
    http: &Client,
    definition: &SignInDefinition,
    tokens: &OAuthTokens,
    now: Timestamp,
) -> Result<OAuthTokens, RefreshError> {
    let server = endpoint::server_name(&definition.token_url);
    let over = || words::say_with("sign-in-session-over", &[("server", &server)]);
    let Some(refresh_token) = &tokens.refresh_token else { return Err(RefreshError::Final(over())) };
    if !endpoint::is_secure(&definition.token_url) {
        return Err(RefreshError::Final(EndpointError::Insecure.words(&server)));
    }
    let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    if let Some(client_id) = &definition.client_id {
        form.push(("client_id", client_id));
    }
    let request = http.post(definition.token_url.clone()).form(&form);
    let result = match endpoint::send(request, PATIENCE).await {
        Ok(answer) => parse_token_response(answer.status, &answer.body, now),
        Err(error) => Err(error),
    };
    match result {
        Ok(new) => Ok(OAuthTokens {
            refresh_token: new.refresh_token.or_else(|| Some(refresh_token.clone())),
            scope: new.scope.or_else(|| tokens.scope.clone()),
            ..new
        }),
        Err(EndpointError::Refused { status: 400 | 401 | 403, .. }) => Err(RefreshError::Final(over())),
        Err(error) => Err(RefreshError::Temporary(error.words(&server))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::testing::{Server, client, definition};
    use crate::vault::Secret;

    fn old() -> OAuthTokens {
        OAuthTokens {
            access_token: Secret::new("canary-access"),
            refresh_token: Some(Secret::new("canary refresh+")),
            expires_at: None,
            scope: Some("models".to_owned()),
        }
    }

    async fn try_refresh(status: u16, body: &str) -> (Result<OAuthTokens, RefreshError>, String) {
        let server = Server::answering(&[(status, body)]).await;
        let result = refresh(&client(), &definition(&server.url("/")), &old(), Timestamp(0)).await;
        (result, server.requests().pop().unwrap_or_default())
    }

    #[tokio::test]
    async fn a_rotated_token_replaces_the_old_one() {
        let body = r#"{"access_token":"new","token_type":"bearer","refresh_token":"rotated","expires_in":10}"#;
        let (result, request) = try_refresh(200, body).await;
        let tokens = result.unwrap();
        assert_eq!(tokens.access_token.expose(), "new");
        assert_eq!(tokens.refresh_token.as_ref().map(Secret::expose), Some("rotated"));
        assert_eq!((tokens.expires_at, tokens.scope.as_deref()), (Some(Timestamp(10_000)), Some("models")));
        assert!(request.starts_with("POST /token HTTP/1.1\r\n"), "nothing in the query: {request}");
        let form = "grant_type=refresh_token&refresh_token=canary+refresh%2B&client_id=patchbay";
        assert!(request.ends_with(form), "{request}");
    }

    #[tokio::test]
    async fn the_old_refresh_token_goes_on_where_none_is_sent() {
        let (result, _) = try_refresh(200, r#"{"access_token":"new","token_type":"bearer"}"#).await;
        assert_eq!(result.unwrap().refresh_token.as_ref().map(Secret::expose), Some("canary refresh+"));
    }

    #[tokio::test]
    async fn refusals_are_final_and_troubles_are_not() {
        for (status, is_final) in [
            (400, true),
            (401, true),
            (403, true),
            (404, false),
            (429, false),
            (500, false),
            (503, false),
            (302, false),
        ] {
            let (result, _) = try_refresh(status, r#"{"error":"invalid_grant"}"#).await;
            let error = result.unwrap_err();
            assert_eq!(matches!(error, RefreshError::Final(_)), is_final, "{status}");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        let (result, _) = try_refresh(200, "<html>").await;
        assert!(matches!(result, Err(RefreshError::Temporary(_))), "a network's own page loses nobody the sign-in");
    }

    #[tokio::test]
    async fn an_unreachable_server_is_temporary_and_no_refresh_token_is_final() {
        let gone = Server::gone().await;
        let result = refresh(&client(), &definition(&gone), &old(), Timestamp(0)).await;
        assert!(matches!(result, Err(RefreshError::Temporary(_))));
        let without = OAuthTokens { refresh_token: None, ..old() };
        let result = refresh(&client(), &definition(&gone), &without, Timestamp(0)).await;
        assert!(matches!(result, Err(RefreshError::Final(_))), "no request is needed to know");
    }
}
