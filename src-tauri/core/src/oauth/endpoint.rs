//! One request to an endpoint of an authorization server: bounded in time and size, and never to an address that is
//! neither encrypted nor on this machine. Redirects are not followed: they would carry the code elsewhere.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::response::reviewed_code;
use crate::http::is_this_machine;
use crate::words;

/// How long an exchange may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const LARGEST: usize = 1024 * 1024;

/// What an endpoint answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// Why an endpoint gave no usable answer; holds reviewed fields only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No connection came about, or it broke.
    #[error("the server cannot be reached")]
    Unreachable,
    /// It did not answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// It answered with more than is read.
    #[error("the server's answer is too large")]
    TooLarge,
    /// It asks to come back later: 5xx, 429 or 408.
    #[error("the server is having trouble ({status})")]
    Busy {
        /// The HTTP status.
        status: u16,
    },
    /// It refused.
    #[error("the server refused ({status})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its reviewed error code, such as `invalid_grant`.
        code: Option<String>,
    },
    /// It answered with something else, such as a web page.
    #[error("the server answered with something else ({status})")]
    Unexpected {
        /// The HTTP status.
        status: u16,
    },
    /// It issued a token of a kind that must not be used (RFC 6749 7.1).
    #[error("the server issued a token of an unknown type")]
    TokenType,
    /// Its address is not encrypted; nothing was sent.
    #[error("the server's address is not encrypted")]
    Insecure,
}

impl EndpointError {
    /// Whether the same request may work later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::TooLarge | Self::Busy { .. } => true,
            // A network's own sign-in page looks like this: a page, or the redirect to one.
            Self::Unexpected { status } => *status < 400,
            Self::Refused { .. } | Self::TokenType | Self::Insecure => false,
        }
    }

    /// The words for it; `server` is what the person calls it.
    pub fn words(&self, server: &str) -> String {
        let say = |id, more: &[(&str, &str)]| words::say_with(id, &[&[("server", server)], more].concat());
        match self {
            Self::Unreachable => say("sign-in-server-unreachable", &[]),
            Self::TimedOut => say("sign-in-server-silent", &[]),
            Self::TooLarge => say("sign-in-server-large", &[]),
            Self::Busy { status } => say("sign-in-server-busy", &[("status", &status.to_string())]),
            Self::Refused { code: Some(code), .. } if code == "invalid_grant" => say("sign-in-code-refused", &[]),
            Self::Refused { code: Some(code), .. } => say("sign-in-server-refused", &[("reason", code)]),
            Self::Refused { status, code: None } => say("sign-in-server-refused", &[("reason", &status.to_string())]),
            Self::Unexpected { status } => say("sign-in-server-other", &[("status", &status.to_string())]),
            Self::TokenType => say("sign-in-server-token-type", &[]),
            Self::Insecure => words::say_with("sign-in-insecure", &[("provider", server)]),
        }
    }

    /// What a status outside of success means; the body is looked into for an error code only.
    pub(super) fn from_answer(status: u16, body: &[u8]) -> Self {
        match status {
            408 | 429 | 500..=599 => Self::Busy { status },
            400..=499 => match serde_json::from_slice::<Value>(body) {
                Ok(Value::Object(answer)) => Self::Refused { status, code: error_code(answer.get("error")) },
                _ if matches!(status, 400 | 401 | 403) => Self::Refused { status, code: None },
                _ => Self::Unexpected { status },
            },
            _ => Self::Unexpected { status },
        }
    }
}

fn error_code(error: Option<&Value>) -> Option<String> {
    let code = match error? {
        Value::String(code) => code.as_str(),
        Value::Object(error) => error.get("code")?.as_str()?,
        _ => return None,
    };
    Some(reviewed_code(code))
}

/// Whether secrets may be sent there: encrypted, or to this machine.
pub(super) fn is_secure(address: &Url) -> bool {
    match address.scheme() {
        "https" => true,
        "http" => is_this_machine(address),
        _ => false,
    }
}

/// The server as the person may know it, from its address.
pub(super) fn server_name(address: &Url) -> String {
    address.host_str().unwrap_or_default().to_owned()
}

/// Sends the request and reads a bounded answer.
pub(super) async fn send(request: RequestBuilder, patience: Duration) -> Result<Answer, EndpointError> {
    let request = request.header(reqwest::header::ACCEPT, "application/json").timeout(patience);
    let mut response = request.send().await.map_err(|error| from_library(&error))?;
    let status = response.status().as_u16();
    let mut body = Zeroizing::new(Vec::with_capacity(8 * 1024));
    while let Some(chunk) = response.chunk().await.map_err(|error| from_library(&error))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(EndpointError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// The library's own words hold the address, so only their kind is used.
fn from_library(error: &reqwest::Error) -> EndpointError {
    if error.is_timeout() { EndpointError::TimedOut } else { EndpointError::Unreachable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_nowhere_unencrypted_but_to_this_machine() {
        for (address, secure) in [
            ("https://id.example/token", true),
            ("http://127.0.0.1:4010/token", true),
            ("http://[::1]:4010/token", true),
            ("http://localhost/token", true),
            ("http://id.example/token", false),
            ("http://localhost.evil.example/token", false),
            ("http://192.168.1.2/token", false),
            ("ftp://127.0.0.1/token", false),
        ] {
            assert_eq!(is_secure(&Url::parse(address).unwrap()), secure, "{address}");
        }
    }

    #[test]
    fn answers_are_told_apart_and_never_quoted() {
        let of = |status, body: &str| EndpointError::from_answer(status, body.as_bytes());
        let refused = |status, code: Option<&str>| EndpointError::Refused { status, code: code.map(str::to_owned) };
        assert_eq!(
            of(400, r#"{"error":"invalid_grant","error_description":"x"}"#),
            refused(400, Some("invalid_grant"))
        );
        assert_eq!(of(403, r#"{"error":{"code":403,"message":"canary"}}"#), refused(403, None));
        assert_eq!(of(400, r#"{"error":"Canary0"}"#), refused(400, Some("unknown_error")));
        assert_eq!(of(401, "<html>canary"), refused(401, None));
        assert_eq!(of(404, "<html>canary"), EndpointError::Unexpected { status: 404 });
        assert_eq!(of(302, ""), EndpointError::Unexpected { status: 302 });
        assert_eq!(of(503, r#"{"error":"invalid_grant"}"#), EndpointError::Busy { status: 503 });
        assert_eq!(of(429, ""), EndpointError::Busy { status: 429 });
        assert!(of(302, "").is_temporary() && !of(404, "").is_temporary() && of(500, "").is_temporary());
        assert!(!of(400, "{}").is_temporary());
    }
}
