//! What a token endpoint answers (RFC 6749 5.1), and what OpenRouter's key endpoint does; pure.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::EndpointError;
use crate::time::Timestamp;
use crate::vault::{ApiKey, OAuthTokens, Secret};

/// No server means more; it keeps absurd numbers out of the arithmetic.
const LONGEST_LIFE: u64 = 10 * 365 * 24 * 60 * 60;

#[derive(Deserialize)]
struct TokenResponse {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<Value>,
    refresh_token: Option<Secret>,
    scope: Option<Value>,
}

#[derive(Deserialize)]
struct KeyResponse {
    key: Secret,
    user_id: Option<Value>,
}

/// The tokens in an answer of a token endpoint. Members that are not known are ignored; a missing `expires_in` stays
/// unknown.
pub fn parse_token_response(status: u16, body: &[u8], now: Timestamp) -> Result<OAuthTokens, EndpointError> {
    if !(200..300).contains(&status) {
        return Err(EndpointError::from_answer(status, body));
    }
    let unexpected = EndpointError::Unexpected { status };
    // The parser's own error may quote the answer, so only its being one goes on.
    let response: TokenResponse = serde_json::from_slice(body).map_err(|_| unexpected.clone())?;
    // RFC 6749 5.1 requires the type and 7.1 forbids the use of an unknown one.
    if !response.token_type.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(EndpointError::TokenType);
    }
    if !is_header_safe(&response.access_token) {
        return Err(unexpected);
    }
    Ok(OAuthTokens {
        access_token: response.access_token,
        refresh_token: response.refresh_token.filter(|token| !token.is_empty()),
        expires_at: response.expires_in.as_ref().and_then(seconds).map(|life| now + Duration::from_secs(life)),
        scope: response.scope.as_ref().and_then(scope),
    })
}

/// The key in an answer of OpenRouter's key endpoint, and whose it is.
pub fn parse_key_response(status: u16, body: &[u8]) -> Result<(ApiKey, Option<String>), EndpointError> {
    if !(200..300).contains(&status) {
        return Err(EndpointError::from_answer(status, body));
    }
    match serde_json::from_slice::<KeyResponse>(body) {
        Ok(response) if is_header_safe(&response.key) => {
            let owner = response.user_id.as_ref().and_then(Value::as_str).map(str::to_owned);
            Ok((ApiKey(response.key), owner))
        }
        _ => Err(EndpointError::Unexpected { status }),
    }
}

/// Whether it can go into a header as it is.
fn is_header_safe(secret: &Secret) -> bool {
    !secret.is_empty() && secret.expose().bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

/// What was granted. Some servers write a list; what is neither says nothing, and is no reason to lose a sign-in whose
/// code is used up.
fn scope(value: &Value) -> Option<String> {
    let words = match value {
        Value::String(scope) => scope.clone(),
        Value::Array(scopes) => scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    Some(words).filter(|words| !words.is_empty())
}

/// Some servers write the number as text or with a fraction.
fn seconds(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map(|seconds| seconds.min(LONGEST_LIFE))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn whole(number: f64) -> Option<u64> {
    (0.0..=1e12).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn tokens(body: &str) -> Result<OAuthTokens, EndpointError> {
        parse_token_response(200, body.as_bytes(), NOW)
    }

    #[test]
    fn tokens_are_read_and_unknown_members_ignored() {
        let body = r#"{"access_token":"a","token_type":"BEARER","expires_in":3600,"refresh_token":"r","scope":"x y","id_token":"i"}"#;
        let tokens = tokens(body).unwrap();
        assert_eq!(tokens.access_token.expose(), "a");
        assert_eq!(tokens.refresh_token.as_ref().map(Secret::expose), Some("r"));
        assert_eq!(tokens.expires_at, Some(Timestamp(1_000_000 + 3_600_000)));
        assert_eq!(tokens.scope.as_deref(), Some("x y"));
    }

    #[test]
    fn the_life_of_a_token_is_read_as_servers_write_it() {
        let life = |text: &str| {
            let body = format!(r#"{{"access_token":"a","token_type":"bearer"{text}}}"#);
            tokens(&body).unwrap().expires_at.map(|at| at.since(NOW).as_secs())
        };
        assert_eq!(life(""), None, "missing is unknown");
        assert_eq!(life(r#","expires_in":null"#), None);
        assert_eq!(life(r#","expires_in":"60""#), Some(60));
        assert_eq!(life(r#","expires_in":60.5"#), Some(60));
        assert_eq!(life(r#","expires_in":0"#), Some(0));
        assert_eq!(life(r#","expires_in":-1"#), None);
        assert_eq!(life(r#","expires_in":99999999999999999999"#), None, "beyond reason is unknown");
        assert_eq!(life(r#","expires_in":9999999999"#), Some(LONGEST_LIFE));
    }

    #[test]
    fn members_of_an_odd_kind_do_not_cost_the_sign_in() {
        let scope = |text: &str| {
            let body = format!(r#"{{"access_token":"a","token_type":"bearer","scope":{text}}}"#);
            tokens(&body).unwrap().scope
        };
        assert_eq!(scope(r#"["x","y"]"#).as_deref(), Some("x y"));
        assert_eq!((scope("7"), scope("null"), scope("{}"), scope("[]")), (None, None, None, None));
        let (_, owner) = parse_key_response(200, br#"{"key":"sk-or-v1-x","user_id":17}"#).unwrap();
        assert_eq!(owner, None);
    }

    #[test]
    fn a_token_of_another_type_or_none_is_not_used() {
        assert_eq!(tokens(r#"{"access_token":"a","token_type":"mac"}"#).err(), Some(EndpointError::TokenType));
        assert_eq!(tokens(r#"{"access_token":"a"}"#).err(), Some(EndpointError::TokenType));
    }

    #[test]
    fn something_else_is_unexpected_and_not_quoted() {
        for body in [
            "<html>canary</html>",
            "",
            "[]",
            "{\"canary\":1}",
            r#"{"access_token":"","token_type":"bearer"}"#,
            r#"{"access_token":"a\nb","token_type":"bearer"}"#,
        ] {
            let error = tokens(body).unwrap_err();
            assert_eq!(error, EndpointError::Unexpected { status: 200 }, "{body}");
            assert!(!format!("{error} {error:?} {}", error.words("Server")).contains("canary"));
        }
    }

    #[test]
    fn a_key_comes_with_its_owner() {
        let (key, owner) = parse_key_response(200, br#"{"key":"sk-or-v1-x","user_id":"user_1"}"#).unwrap();
        assert_eq!((key.0.expose(), owner.as_deref()), ("sk-or-v1-x", Some("user_1")));
        assert!(parse_key_response(200, b"{}").is_err());
        let refused = parse_key_response(403, br#"{"error":{"code":403,"message":"bad code"}}"#).unwrap_err();
        assert_eq!(refused, EndpointError::Refused { status: 403, code: None });
    }

    proptest! {
        #[test]
        fn no_body_panics(status in 100_u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_token_response(status, &body, NOW);
            let _ = parse_key_response(status, &body);
        }
    }
}
