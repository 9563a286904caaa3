//! The secret of a connection: two types, never one string, since the type decides the header it goes into.

use serde::Deserialize;

use super::Secret;
use super::secret::assert_not_implemented;
use crate::time::Timestamp;

/// The secret of a connection.
#[derive(Clone, Debug)]
pub enum Credential {
    /// From a sign-in.
    OAuth(OAuthTokens),
    /// Pasted by the person, or returned by a sign-in that ends in a key.
    ApiKey(ApiKey),
}

/// What a sign-in obtained. What refreshing and revoking need besides stands in the provider's definition.
#[derive(Clone, Debug)]
pub struct OAuthTokens {
    /// Goes out with every request, as a bearer token.
    pub access_token: Secret,
    /// Obtains the next access token.
    pub refresh_token: Option<Secret>,
    /// When the access token runs out; unknown if the server did not say.
    pub expires_at: Option<Timestamp>,
    /// What was granted, where the server says so; it may be less than was asked for.
    pub scope: Option<String>,
}

/// A permanent key.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct ApiKey(pub Secret);

impl ApiKey {
    /// The key with its middle left out, such as `sk-…abcd`; short keys show nothing of themselves.
    pub fn masked(&self) -> String {
        const SHORTEST: usize = 16;
        const PREFIX: usize = 4;
        const SUFFIX: usize = 4;
        let key = self.0.expose();
        if key.len() < SHORTEST || !key.is_ascii() {
            return "…".to_owned();
        }
        let prefix = key.find(['-', '_']).map_or("", |end| if end < PREFIX { &key[..=end] } else { "" });
        format!("{prefix}…{}", &key[key.len() - SUFFIX..])
    }
}

assert_not_implemented!(OAuthTokens: serde::Serialize, std::fmt::Display, PartialEq, ts_rs::TS);
assert_not_implemented!(ApiKey: serde::Serialize, std::fmt::Display, PartialEq, ts_rs::TS);
assert_not_implemented!(Credential: serde::Serialize, std::fmt::Display, PartialEq, ts_rs::TS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_key_shows_its_kind_and_its_end() {
        let masked = |key: &str| ApiKey(Secret::new(key)).masked();
        assert_eq!(masked("sk-or-v1-0123456789abcdef"), "sk-…cdef");
        assert_eq!(masked("hf_0123456789abcdefgh"), "hf_…efgh");
        assert_eq!(masked("0123456789abcdefghij"), "…ghij", "no known prefix");
        assert_eq!(masked("session-0123456789abcdef"), "…cdef", "a long first part may be part of the secret");
        assert_eq!(masked("sk-short-key"), "…", "four of twelve would be too much");
        assert_eq!(masked("ключ-ключ-ключ-ключ"), "…", "no cut inside of a character");
        assert_eq!(masked(""), "…");
    }

    #[test]
    fn debug_says_nothing() {
        let tokens = OAuthTokens {
            access_token: Secret::new("canary-access"),
            refresh_token: Some(Secret::new("canary-refresh")),
            expires_at: Some(Timestamp(7)),
            scope: None,
        };
        let shown =
            format!("{:?} {:?}", Credential::OAuth(tokens), Credential::ApiKey(ApiKey(Secret::new("canary-key"))));
        assert!(!shown.contains("canary"), "a secret shows in {shown}");
    }
}
