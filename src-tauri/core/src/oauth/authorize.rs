//! The authorization request: where the browser goes, and where it is to come back to.

use url::Url;

use super::endpoint::is_secure;
use super::pending::Pending;
use super::{ReturnKind, SignInError, pkce};
use crate::ids::ProviderId;
use crate::providers::{LoopbackDefinition, SignInDefinition, Strategy};
use crate::vault::Secret;

/// The returns that can be offered, best first. Paste is always possible and comes last unless it is listed earlier.
pub(super) fn returns(definition: &SignInDefinition) -> Vec<ReturnKind> {
    let mut returns = Vec::new();
    for kind in definition.returns.iter().copied().chain([ReturnKind::Paste]) {
        // A key exchange has no state; its nonce needs a path of our own, which a link has not.
        let possible = kind != ReturnKind::DeepLink || definition.strategy != Strategy::KeyExchange;
        if possible && !returns.contains(&kind) {
            returns.push(kind);
        }
    }
    returns
}

/// The redirect URI of a link: one of its own for every provider (RFC 8252 8.10), with one slash (7.1).
pub(super) fn link_uri(scheme: &str, provider: &ProviderId) -> String {
    format!("{scheme}:/oauth/{provider}")
}

/// The path on which the loopback return listens.
pub(super) fn loopback_path(definition: &SignInDefinition, state: &Secret) -> String {
    match definition.strategy {
        Strategy::AuthorizationCode => definition.loopback.path.clone(),
        Strategy::KeyExchange => format!("{}/{}", definition.loopback.path.trim_end_matches('/'), state.expose()),
    }
}

/// The redirect URI of the loopback return.
pub(super) fn loopback_uri(loopback: &LoopbackDefinition, port: u16, path: &str) -> String {
    format!("http://{}:{port}{path}", loopback.host)
}

/// The page that the browser opens.
pub(super) fn page(definition: &SignInDefinition, provider_name: &str, pending: &Pending) -> Result<Url, SignInError> {
    if ![&definition.authorize_url, &definition.token_url].into_iter().all(is_secure) {
        return Err(SignInError::Insecure(provider_name.to_owned()));
    }
    let challenge = pkce::challenge(&pending.verifier);
    let scope = definition.scopes.join(" ");
    let mut parameters: Vec<(&str, &str)> = match definition.strategy {
        Strategy::AuthorizationCode => {
            let client_id =
                definition.client_id.as_deref().ok_or_else(|| SignInError::NoClient(provider_name.to_owned()))?;
            vec![
                ("response_type", "code"),
                ("client_id", client_id),
                ("redirect_uri", &pending.redirect_uri),
                ("state", pending.state.expose()),
            ]
        }
        Strategy::KeyExchange => vec![("callback_url", &pending.redirect_uri)],
    };
    parameters.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", pkce::METHOD)]);
    if !scope.is_empty() {
        parameters.push(("scope", &scope));
    }
    // A definition may add parameters but not replace one that the response is checked against.
    for (name, value) in &definition.authorize_parameters {
        if !parameters.iter().any(|(taken, _)| taken == name) {
            parameters.push((name, value));
        }
    }
    let mut page = definition.authorize_url.clone();
    page.query_pairs_mut().extend_pairs(parameters);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SignInId;
    use crate::oauth::testing::{definition, parameter};
    use crate::time::Timestamp;

    fn pending(redirect_uri: &str) -> Pending {
        Pending {
            id: SignInId::new(),
            provider: "sandbox".parse().unwrap(),
            reconnect: None,
            state: Secret::new("the-state"),
            verifier: Secret::new("canary-verifier"),
            redirect_kind: ReturnKind::DeepLink,
            redirect_uri: redirect_uri.to_owned(),
            started_at: Timestamp(0),
            expires_at: Timestamp(1),
        }
    }

    fn at(server: &str) -> SignInDefinition {
        definition(&Url::parse(server).unwrap())
    }

    #[test]
    fn the_request_is_that_of_the_specifications() {
        let mut definition = at("https://id.example/");
        definition.authorize_parameters.insert("prompt".to_owned(), "consent".to_owned());
        definition.authorize_parameters.insert("state".to_owned(), "fixed".to_owned());
        let pending = pending("app.patchbay:/oauth/sandbox");
        let page = page(&definition, "Sandbox", &pending).unwrap();
        let pairs: Vec<_> = page.query_pairs().into_owned().collect();
        let challenge = pkce::challenge(&pending.verifier);
        let expected = [
            ("tenant", "1"),
            ("response_type", "code"),
            ("client_id", "patchbay"),
            ("redirect_uri", "app.patchbay:/oauth/sandbox"),
            ("state", "the-state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("scope", "openid models"),
            ("prompt", "consent"),
        ];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(!page.as_str().contains("canary"), "the verifier never leaves before the exchange");
    }

    #[test]
    fn a_key_exchange_has_its_nonce_in_the_path_and_no_state() {
        let mut definition = at("https://id.example/");
        definition.strategy = Strategy::KeyExchange;
        definition.scopes.clear();
        definition.client_id = None;
        let state = Secret::new("the-nonce");
        let path = loopback_path(&definition, &state);
        let uri = loopback_uri(&definition.loopback, 4711, &path);
        assert_eq!(uri, "http://127.0.0.1:4711/oauth/callback/the-nonce");
        let page = page(&definition, "Sandbox", &pending(&uri)).unwrap();
        assert_eq!(parameter(&page, "callback_url").as_deref(), Some(uri.as_str()));
        assert_eq!((parameter(&page, "state"), parameter(&page, "client_id")), (None, None));
        assert_eq!(returns(&definition), [ReturnKind::Loopback, ReturnKind::Paste], "no link without a state");
    }

    #[test]
    fn what_cannot_work_is_said_before_the_browser_opens() {
        let error = page(&at("http://id.example/"), "Sandbox", &pending("x")).err();
        assert_eq!(error, Some(SignInError::Insecure("Sandbox".to_owned())));
        let without = SignInDefinition { client_id: None, ..at("https://id.example/") };
        let error = page(&without, "Sandbox", &pending("x")).err();
        assert_eq!(error, Some(SignInError::NoClient("Sandbox".to_owned())));
    }
}
