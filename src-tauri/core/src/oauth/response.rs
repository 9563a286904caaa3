//! An authorization response (RFC 6749 4.1.2, RFC 9207) as the three returns deliver it.
//!
//! Anyone can call a link or a page on this machine, so values are bounded and no parameter of ours may come twice. Which
//! sign-in it belongs to, and whether it may be used, is decided in `sign_ins`.

use std::borrow::Cow;

use crate::ids::ProviderId;
use crate::oauth::ReturnKind;
use crate::vault::Secret;
use crate::words::is_invisible;

/// What the authorization server sent back through the browser.
#[derive(Clone, Debug)]
pub struct AuthorizationResponse {
    /// Names the sign-in that it answers.
    pub state: Option<Secret>,
    /// What it says.
    pub outcome: Outcome,
    /// The server that it claims to come from (RFC 9207).
    pub issuer: Option<String>,
}

/// What an authorization response says.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Access was given; the code is to be exchanged.
    Code(Secret),
    /// It was not.
    Refused {
        /// The reviewed error code, such as `access_denied`.
        error: String,
        /// The server's own words, without control characters and cut.
        description: Option<String>,
    },
}

/// A response that came in by itself, and on which way.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The way.
    pub kind: ReturnKind,
    /// The provider whose redirect URI it came in on.
    pub provider: Option<ProviderId>,
    /// The response.
    pub response: AuthorizationResponse,
}

/// What to do with parameters that no specification names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Refuse the response: a link can be called by any page.
    Whitelist,
    /// Ignore them, as RFC 6749 4.1.2 asks.
    Ignore,
}

/// Why a query is not an authorization response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// A parameter stands there twice.
    #[error("a parameter stands there twice")]
    Duplicate,
    /// A parameter is not one of an authorization response.
    #[error("a parameter is unknown")]
    Unknown,
    /// A value is longer than it can be, or holds characters that it cannot.
    #[error("a value is not allowed")]
    Value,
    /// There is neither a code nor an error.
    #[error("there is neither a code nor an error")]
    Empty,
    /// There is both a code and an error.
    #[error("there is both a code and an error")]
    Contradictory,
}

/// Longest accepted values; codes are JSON Web Tokens at some servers.
const CODE: usize = 4096;
const STATE: usize = 512;
const ISSUER: usize = 2048;
const ERROR: usize = 256;
const DESCRIPTION: usize = 2048;
/// How much of the server's own words is shown.
const SHOWN: usize = 200;

impl AuthorizationResponse {
    /// Reads it from the pairs of a query, decoded already.
    pub fn from_pairs<'a>(
        pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
        strictness: Strictness,
    ) -> Result<Self, ResponseError> {
        let (mut code, mut state, mut issuer, mut error, mut description) = (None, None, None, None, None);
        for (name, value) in pairs {
            match &*name {
                "code" => set(&mut code, value, CODE)?,
                "state" => set(&mut state, value, STATE)?,
                "iss" => set(&mut issuer, value, ISSUER)?,
                "error" => set(&mut error, value, ERROR)?,
                "error_description" => set_words(&mut description, &value)?,
                // Servers may add these; nothing here needs them.
                "scope" | "session_state" | "error_uri" => {}
                _ if strictness == Strictness::Ignore => {}
                _ => return Err(ResponseError::Unknown),
            }
        }
        let outcome = match (code, error) {
            (Some(code), None) => Outcome::Code(Secret::new(code)),
            (None, Some(error)) => Outcome::Refused { error: reviewed_code(&error), description },
            (None, None) => return Err(ResponseError::Empty),
            (Some(_), Some(_)) => return Err(ResponseError::Contradictory),
        };
        Ok(Self { state: state.map(Secret::new), outcome, issuer })
    }
}

fn set(slot: &mut Option<String>, value: Cow<'_, str>, longest: usize) -> Result<(), ResponseError> {
    if slot.is_some() {
        return Err(ResponseError::Duplicate);
    }
    // RFC 6749, appendix A: all of these are visible ASCII characters and spaces.
    if value.is_empty() || value.len() > longest || !value.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        return Err(ResponseError::Value);
    }
    *slot = Some(value.into_owned());
    Ok(())
}

fn set_words(slot: &mut Option<String>, value: &str) -> Result<(), ResponseError> {
    if slot.is_some() {
        return Err(ResponseError::Duplicate);
    }
    if value.len() > DESCRIPTION {
        return Err(ResponseError::Value);
    }
    *slot = Some(reviewed_words(value));
    Ok(())
}

/// An error code that may be shown. The registered ones are lower-case words; anything else could be an echo of what
/// was sent and is named only as unknown.
pub(super) fn reviewed_code(code: &str) -> String {
    let allowed = (1..=40).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if allowed { code.to_owned() } else { "unknown_error".to_owned() }
}

/// Words of a server that may be shown: no control or direction characters, cut.
pub(super) fn reviewed_words(words: &str) -> String {
    words.chars().filter(|c| !is_invisible(*c)).take(SHOWN).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, strictness: Strictness) -> Result<AuthorizationResponse, ResponseError> {
        AuthorizationResponse::from_pairs(url::form_urlencoded::parse(query.as_bytes()), strictness)
    }

    #[test]
    fn a_code_comes_with_state_and_issuer() {
        let response = read("code=a%2Fb&state=s&iss=https%3A%2F%2Fid.example&scope=x", Strictness::Whitelist).unwrap();
        assert!(matches!(&response.outcome, Outcome::Code(code) if code.expose() == "a/b"));
        assert_eq!(response.state.as_ref().map(Secret::expose), Some("s"));
        assert_eq!(response.issuer.as_deref(), Some("https://id.example"));
        assert!(!format!("{response:?}").contains("a/b"), "Debug shows the code");
    }

    #[test]
    fn a_refusal_keeps_only_reviewed_text() {
        let response =
            read("error=access_denied&error_description=No%0A%E2%80%AEthanks&state=s", Strictness::Whitelist).unwrap();
        let Outcome::Refused { error, description } = response.outcome else { panic!("not a refusal") };
        assert_eq!((error.as_str(), description.as_deref()), ("access_denied", Some("Nothanks")));
        let response = read("error=Canary-Token_42", Strictness::Whitelist).unwrap();
        assert!(matches!(response.outcome, Outcome::Refused { error, .. } if error == "unknown_error"));
    }

    #[test]
    fn what_is_not_a_response_is_refused() {
        use ResponseError::{Contradictory, Duplicate, Empty, Unknown, Value};
        for (query, error) in [
            ("", Empty),
            ("state=s", Empty),
            ("code=a&error=b", Contradictory),
            ("code=a&code=b", Duplicate),
            ("code=a&state=s&state=s", Duplicate),
            ("code=", Value),
            ("code=a%00b", Value),
            ("code=%C3%BC", Value),
            ("code=a&other=b", Unknown),
        ] {
            assert_eq!(read(query, Strictness::Whitelist).err(), Some(error), "{query}");
        }
        assert_eq!(read(&format!("code={}", "a".repeat(5000)), Strictness::Ignore).err(), Some(Value));
        assert!(read("code=a&authuser=0&hd=mail.example", Strictness::Ignore).is_ok(), "RFC 6749 4.1.2: ignored");
        assert_eq!(read("code=a&x=1&code=b", Strictness::Ignore).err(), Some(Duplicate), "never lenient on ours");
    }
}
