//! A code for a credential (RFC 6749 4.1.3 with RFC 7636 4.5), or for a key in OpenRouter's way.

use reqwest::Client;
use serde_json::json;

use super::endpoint::{self, PATIENCE};
use super::pending::Pending;
use super::{EndpointError, account, parse_key_response, parse_token_response, pkce};
use crate::providers::{SignInDefinition, Strategy};
use crate::time::Timestamp;
use crate::vault::{Credential, Secret};

/// What an exchange obtained.
pub(super) struct Exchanged {
    pub(super) credential: Credential,
    /// Whose account it is, where the provider says so.
    pub(super) account: Option<String>,
}

/// Exchanges the code; `now` is when it was asked for, so that a slow answer makes no token live longer.
pub(super) async fn exchange(
    http: &Client,
    definition: &SignInDefinition,
    pending: &Pending,
    code: &Secret,
    now: Timestamp,
) -> Result<Exchanged, EndpointError> {
    if !endpoint::is_secure(&definition.token_url) {
        return Err(EndpointError::Insecure);
    }
    let request = http.post(definition.token_url.clone());
    match definition.strategy {
        Strategy::AuthorizationCode => {
            let mut form = vec![
                ("grant_type", "authorization_code"),
                ("code", code.expose()),
                ("redirect_uri", &pending.redirect_uri),
                ("code_verifier", pending.verifier.expose()),
            ];
            if let Some(client_id) = &definition.client_id {
                form.push(("client_id", client_id));
            }
            let answer = endpoint::send(request.form(&form), PATIENCE).await?;
            let tokens = parse_token_response(answer.status, &answer.body, now)?;
            let account = account::name(http, definition, &tokens.access_token).await;
            Ok(Exchanged { credential: Credential::OAuth(tokens), account })
        }
        Strategy::KeyExchange => {
            let body = json!({
                "code": code.expose(),
                "code_verifier": pending.verifier.expose(),
                "code_challenge_method": pkce::METHOD,
            });
            let answer = endpoint::send(request.json(&body), PATIENCE).await?;
            let (key, account) = parse_key_response(answer.status, &answer.body)?;
            Ok(Exchanged { credential: Credential::ApiKey(key), account: account.as_deref().and_then(account::shown) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SignInId;
    use crate::oauth::ReturnKind;
    use crate::oauth::testing::{Server, client, definition};

    fn pending() -> Pending {
        Pending {
            id: SignInId::new(),
            provider: "sandbox".parse().unwrap(),
            reconnect: None,
            state: Secret::new("canary-state"),
            verifier: Secret::new("canary-verifier"),
            redirect_kind: ReturnKind::DeepLink,
            redirect_uri: "app.patchbay:/oauth/sandbox".to_owned(),
            started_at: Timestamp(0),
            expires_at: Timestamp(1),
        }
    }

    async fn run(definition: &SignInDefinition) -> Result<Exchanged, EndpointError> {
        exchange(&client(), definition, &pending(), &Secret::new("canary code"), Timestamp(0)).await
    }

    #[tokio::test]
    async fn the_code_goes_in_the_body_with_its_proof() {
        let body = r#"{"access_token":"a","token_type":"bearer"}"#;
        let server = Server::answering(&[(200, body), (200, r#"{"sub":"17","email":"you@mail.example"}"#)]).await;
        let mut definition = definition(&server.url("/"));
        definition.userinfo_url = Some(server.url("/me"));
        let exchanged = run(&definition).await.unwrap();
        assert!(matches!(&exchanged.credential, Credential::OAuth(tokens) if tokens.access_token.expose() == "a"));
        assert_eq!(exchanged.account.as_deref(), Some("you@mail.example"));
        let requests = server.requests();
        let form = "grant_type=authorization_code&code=canary+code&redirect_uri=app.patchbay%3A%2Foauth%2Fsandbox&code_verifier=canary-verifier&client_id=patchbay";
        assert!(requests[0].starts_with("POST /token HTTP/1.1\r\n") && requests[0].ends_with(form), "{}", requests[0]);
        assert!(requests[1].to_lowercase().contains("authorization: bearer a\r\n"), "{}", requests[1]);
    }

    #[tokio::test]
    async fn an_account_without_a_name_spoils_nothing() {
        for (status, body) in [(500, "x"), (200, "<html>"), (200, "{}"), (200, r#"{"email":7}"#)] {
            let server =
                Server::answering(&[(200, r#"{"access_token":"a","token_type":"bearer"}"#), (status, body)]).await;
            let mut definition = definition(&server.url("/"));
            definition.userinfo_url = Some(server.url("/me"));
            assert_eq!(run(&definition).await.unwrap().account, None, "{status} {body}");
        }
    }

    #[tokio::test]
    async fn a_key_exchange_is_json_and_ends_in_a_key() {
        let server = Server::answering(&[(200, r#"{"key":"sk-or-v1-x","user_id":"user_1"}"#)]).await;
        let definition = SignInDefinition { strategy: Strategy::KeyExchange, ..definition(&server.url("/")) };
        let exchanged = run(&definition).await.unwrap();
        assert!(matches!(&exchanged.credential, Credential::ApiKey(key) if key.0.expose() == "sk-or-v1-x"));
        assert_eq!(exchanged.account.as_deref(), Some("user_1"));
        let expected =
            json!({"code": "canary code", "code_challenge_method": "S256", "code_verifier": "canary-verifier"});
        let requests = server.requests();
        let body = requests[0].split_once("\r\n\r\n").unwrap().1;
        assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), expected);
    }

    #[tokio::test]
    async fn redirects_are_not_followed_and_large_answers_not_read() {
        let server = Server::answering(&[(307, ""), (200, &"x".repeat(1_100_000))]).await;
        let definition = definition(&server.url("/"));
        assert_eq!(run(&definition).await.err(), Some(EndpointError::Unexpected { status: 307 }));
        assert_eq!(run(&definition).await.err(), Some(EndpointError::TooLarge));
        assert_eq!(server.requests().len(), 2, "nothing went elsewhere");
    }
}
