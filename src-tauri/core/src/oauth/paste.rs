//! What the person copied from the browser: a whole address, its query, `code#state`, or the code alone; pure.
//!
//! Only the reading is here. That a `state` in it is this sign-in's is checked by [`super::SignIns`].

use url::{Url, form_urlencoded};

use super::{AuthorizationResponse, Outcome, Strictness};
use crate::providers::Strategy;
use crate::vault::Secret;
use crate::words::say;

/// Longer than any address with an authorization response.
const LONGEST: usize = 16 * 1024;

/// Why what was pasted cannot be used, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// Nothing was pasted.
    #[error("{}", say("sign-in-paste-empty"))]
    Empty,
    /// It is neither an address nor a code.
    #[error("{}", say("sign-in-paste-unusable"))]
    Unusable,
    /// It is another sign-in's.
    #[error("{}", say("sign-in-paste-other"))]
    Other,
    /// A part that would name the sign-in is missing.
    #[error("{}", say("sign-in-paste-incomplete"))]
    Incomplete,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Pasted {
    pub(super) response: AuthorizationResponse,
    /// It is nothing but a code, which names no sign-in.
    pub(super) is_bare: bool,
}

/// Reads what was pasted.
pub(super) fn read(text: &str, strategy: Strategy) -> Result<Pasted, PasteError> {
    if text.len() > LONGEST {
        return Err(PasteError::Unusable);
    }
    let is_sentence = text.trim().contains(' ');
    // Terminals and mails wrap long addresses and set them in quotes or angle brackets.
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.trim_matches(['"', '\'', '<', '>', '`']);
    if text.is_empty() {
        return Err(PasteError::Empty);
    }
    if let Some(address) = address(text)? {
        return read_address(&address, strategy);
    }
    if let Some(query) = query(text) {
        return read_query(query).map(|response| Pasted { response, is_bare: false });
    }
    let (code, state) = match text.split_once('#') {
        Some((code, state)) => (code, Some(state)),
        None => (text, None),
    };
    let visible = |part: &str| !part.is_empty() && part.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if is_sentence || code.len() > 4096 || !visible(code) || !state.is_none_or(visible) {
        return Err(PasteError::Unusable);
    }
    let response = AuthorizationResponse {
        state: state.map(Secret::new),
        outcome: Outcome::Code(Secret::new(code)),
        issuer: None,
    };
    Ok(Pasted { is_bare: state.is_none(), response })
}

/// The text as an address. A code may hold a colon, but not a scheme that is followed by a slash.
fn address(text: &str) -> Result<Option<Url>, PasteError> {
    let Some((scheme, rest)) = text.split_once(':') else { return Ok(None) };
    let parse = |text: &str| Url::parse(text).map(Some).map_err(|_| PasteError::Unusable);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if is_scheme && rest.starts_with('/') {
        return parse(text);
    }
    // Browsers leave out "http://" when they show an address.
    let shown = ["127.0.0.1:", "localhost:", "[::1]:"].iter().any(|known| text.starts_with(known));
    if shown { parse(&format!("http://{text}")) } else { Ok(None) }
}

fn query(text: &str) -> Option<&str> {
    if let Some(query) = text.strip_prefix(['?', '#']) {
        return Some(query);
    }
    let known = ["code=", "state=", "error=", "iss=", "scope=", "session_state="];
    if known.iter().any(|name| text.starts_with(name)) {
        return Some(text);
    }
    text.strip_prefix("query=").map(|query| query.trim_start_matches('?'))
}

fn read_address(address: &Url, strategy: Strategy) -> Result<Pasted, PasteError> {
    let query = address.query().filter(|query| !query.is_empty());
    let mut response = read_query(query.or(address.fragment()).unwrap_or_default())?;
    if strategy == Strategy::KeyExchange && response.state.is_none() {
        // The nonce stands last in the path.
        let nonce = address.path().rsplit('/').next().filter(|nonce| !nonce.is_empty());
        response.state = nonce.map(Secret::new);
    }
    Ok(Pasted { response, is_bare: false })
}

fn read_query(query: &str) -> Result<AuthorizationResponse, PasteError> {
    AuthorizationResponse::from_pairs(form_urlencoded::parse(query.as_bytes()), Strictness::Ignore)
        .map_err(|_| PasteError::Unusable)
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    fn parts(text: &str) -> Option<(String, Option<String>, bool)> {
        match read(text, Strategy::AuthorizationCode) {
            Ok(Pasted { response: AuthorizationResponse { state, outcome: Outcome::Code(code), .. }, is_bare }) => {
                Some((code.expose().to_owned(), state.map(|state| state.expose().to_owned()), is_bare))
            }
            _ => None,
        }
    }

    #[test]
    fn every_form_that_a_browser_shows_is_read() {
        for text in [
            "app.patchbay:/oauth/sandbox?code=c%2F1&state=s&iss=https%3A%2F%2Fid.example",
            "app.patchbay://oauth/sandbox?code=c%2F1&state=s",
            "http://127.0.0.1:4711/oauth/callback?state=s&code=c%2F1&authuser=0",
            "127.0.0.1:4711/oauth/callback?state=s&code=c%2F1",
            "https://example.org/callback#code=c%2F1&state=s",
            "  <http://localhost:1455/cb?code=c%2F1\n   &state=s>  ",
            "?code=c%2F1&state=s",
            "code=c%2F1&state=s",
            "state=s&code=c%2F1",
            "query=?code=c%2F1&state=s",
            "c/1#s",
        ] {
            assert_eq!(parts(text), Some(("c/1".to_owned(), Some("s".to_owned()), false)), "{text}");
        }
        for code in ["c", "4/0Adeu5B-w_x", "abc==", "a.b.c", "1:2"] {
            assert_eq!(parts(code), Some((code.to_owned(), None, true)), "{code}");
        }
    }

    #[test]
    fn a_refusal_can_be_pasted_too() {
        let pasted = read("app.patchbay:/oauth/a?error=access_denied&state=s", Strategy::AuthorizationCode).unwrap();
        assert!(matches!(pasted.response.outcome, Outcome::Refused { error, .. } if error == "access_denied"));
    }

    #[test]
    fn a_key_exchange_finds_its_nonce_in_the_path() {
        let pasted = read("http://127.0.0.1:1/cb/nonce?code=c", Strategy::KeyExchange).unwrap();
        assert_eq!(pasted.response.state.as_ref().map(Secret::expose), Some("nonce"));
        assert!(!pasted.is_bare);
    }

    #[test]
    fn what_is_neither_is_refused_and_not_quoted() {
        assert_eq!(read(" \n ", Strategy::AuthorizationCode).err(), Some(PasteError::Empty));
        for text in ["https://example.org/canary", "canary-ü", "?canary=1", "#", "a#", "code=", "http://"] {
            let error = read(text, Strategy::AuthorizationCode).unwrap_err();
            assert_eq!(error, PasteError::Unusable, "{text}");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        let long = "a".repeat(1 << 20);
        assert_eq!(read(&long, Strategy::AuthorizationCode).err(), Some(PasteError::Unusable));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,80}|[a-z0-9:/?&=%#. -]{0,80}") {
            let _ = read(&text, Strategy::AuthorizationCode);
            let _ = read(&text, Strategy::KeyExchange);
        }
    }
}
