//! What a link with the application's own scheme asks for; pure, and the only reader of such links.
//!
//! Any web page can call one, so this is a whitelist: one scheme a build, two paths, the parameters of an authorization
//! response, each once. Everything else is refused and changes nothing. `app.patchbay:/x` and `app.patchbay://x` are
//! read alike, since browsers and desktops rewrite the one into the other. Errors never quote the link.

use crate::ids::ProviderId;
use crate::oauth::{AuthorizationResponse, ResponseError, Strictness};
use crate::words;

/// The longest link that is read. A response with the largest code fits well.
const LONGEST: usize = 8 * 1024;

/// What a link asks for.
#[derive(Clone, Debug)]
pub enum Link {
    /// Bring the window forward: the loopback page ends with it.
    Focus,
    /// A sign-in comes back.
    SignIn {
        /// The provider whose redirect URI this is.
        provider: ProviderId,
        /// What the authorization server sent.
        response: AuthorizationResponse,
    },
}

/// Why a link was ignored, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It is longer than any real one.
    #[error("{}", words::say("link-too-long"))]
    TooLong,
    /// Its scheme is not this build's.
    #[error("{}", words::say("link-other-scheme"))]
    OtherScheme,
    /// It is not written as a link of ours can be.
    #[error("{}", words::say("link-malformed"))]
    Malformed,
    /// It asks for something that links cannot do.
    #[error("{}", words::say("link-unknown"))]
    Unknown,
    /// It is a sign-in's, but not an authorization response.
    #[error("{}", words::say("link-malformed"))]
    Response(#[from] ResponseError),
}

impl LinkError {
    /// What happened and what to do, for the person.
    pub fn words(&self) -> String {
        self.to_string()
    }
}

/// Reads a link; `schemes` are those of this build, in lower case.
pub fn parse(raw: &str, schemes: &[&str]) -> Result<Link, LinkError> {
    if raw.len() > LONGEST {
        return Err(LinkError::TooLong);
    }
    let (scheme, rest) = raw.split_once(':').ok_or(LinkError::Malformed)?;
    if !schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return Err(LinkError::OtherScheme);
    }
    // Visible ASCII only: whatever else a link may hold comes percent-encoded. Backslashes and fragments are read
    // differently by different programs.
    if !rest.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\' && byte != b'#') {
        return Err(LinkError::Malformed);
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("//").or_else(|| path.strip_prefix('/')).ok_or(LinkError::Malformed)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    match path.split_once('/') {
        None if path == "focus" && query.is_empty() => Ok(Link::Focus),
        Some(("oauth", provider)) => {
            let provider = provider.parse().map_err(|_| LinkError::Unknown)?;
            let pairs = url::form_urlencoded::parse(query.as_bytes());
            Ok(Link::SignIn { provider, response: AuthorizationResponse::from_pairs(pairs, Strictness::Whitelist)? })
        }
        _ => Err(LinkError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;
    use crate::oauth::Outcome;
    use crate::vault::Secret;

    const SCHEMES: &[&str] = &["app.patchbay"];

    fn code(link: &str) -> Option<(String, String, Option<String>)> {
        match parse(link, SCHEMES) {
            Ok(Link::SignIn {
                provider,
                response: AuthorizationResponse { state, outcome: Outcome::Code(code), .. },
            }) => Some((provider.to_string(), code.expose().to_owned(), state.map(|state| state.expose().to_owned()))),
            _ => None,
        }
    }

    #[test]
    fn one_slash_and_two_slashes_read_alike() {
        for link in [
            "app.patchbay:/oauth/open-router?code=c%2B1&state=s",
            "app.patchbay://oauth/open-router?code=c%2B1&state=s",
            "APP.Patchbay://oauth/open-router/?state=s&code=c%2B1",
        ] {
            let expected = ("open-router".to_owned(), "c+1".to_owned(), Some("s".to_owned()));
            assert_eq!(code(link), Some(expected), "{link}");
        }
        for link in ["app.patchbay:/focus", "app.patchbay://focus", "app.patchbay://focus/", "App.Patchbay:/focus?"] {
            assert!(matches!(parse(link, SCHEMES), Ok(Link::Focus)), "{link}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        use LinkError::{Malformed, OtherScheme, Response, Unknown};
        for (link, error) in [
            ("", Malformed),
            ("app.patchbay", Malformed),
            ("app.patchbay:", Malformed),
            ("app.patchbay:focus", Malformed),
            ("app.patchbay:///focus", Unknown),
            ("app.patchbay.dev:/focus", OtherScheme),
            ("app.patchbay.evil:/focus", OtherScheme),
            ("https://app.patchbay/focus", OtherScheme),
            (" app.patchbay:/focus", OtherScheme),
            ("app.patchbay:/focus?x=1", Unknown),
            ("app.patchbay:/Focus", Unknown),
            ("app.patchbay:/", Unknown),
            ("app.patchbay:/oauth", Unknown),
            ("app.patchbay:/oauth/", Unknown),
            ("app.patchbay:/oauth/a/b?code=c", Unknown),
            ("app.patchbay:/oauth/..%2Fa?code=c", Unknown),
            ("app.patchbay:/oauth/A?code=c", Unknown),
            ("app.patchbay:/oauth/a?code=c#fragment", Malformed),
            ("app.patchbay:\\oauth\\a?code=c", Malformed),
            ("app.patchbay:/oauth/a?code=c\n", Malformed),
            ("app.patchbay:/oauth/a?code=ü", Malformed),
            ("app.patchbay:/oauth/a", Response(ResponseError::Empty)),
            ("app.patchbay:/oauth/a?code=c&run=rm", Response(ResponseError::Unknown)),
            ("app.patchbay:/oauth/a?code=c&code=d", Response(ResponseError::Duplicate)),
            ("app.patchbay:/oauth/a?code=c&state=s&error=e", Response(ResponseError::Contradictory)),
        ] {
            assert_eq!(parse(link, SCHEMES).err(), Some(error), "{link:?}");
        }
    }

    #[test]
    fn errors_never_quote_the_link() {
        for link in ["app.patchbay:/oauth/a?code=canary&canary=1", "app.patchbay:/canary", "canary:/focus", "canary"] {
            let error = parse(link, SCHEMES).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn a_megabyte_is_refused_at_once() {
        let link = format!("app.patchbay:/oauth/a?code={}", "a".repeat(1 << 20));
        let started = Instant::now();
        for _ in 0..1000 {
            assert_eq!(parse(&link, SCHEMES).err(), Some(LinkError::TooLong));
        }
        assert!(started.elapsed().as_secs() < 1, "its length alone decides");
    }

    proptest! {
        #[test]
        fn nothing_panics(raw in "\\PC*|(?s).{0,64}") {
            let _ = parse(&raw, SCHEMES);
        }

        #[test]
        fn nothing_but_the_whitelist_passes(tail in "[a-zA-Z0-9:/?&=%#.\\\\ _-]{0,60}", two in any::<bool>()) {
            let raw = format!("app.patchbay:{}{tail}", if two { "//" } else { "/" });
            match parse(&raw, SCHEMES) {
                Ok(Link::Focus) => prop_assert_eq!(tail.trim_end_matches('?').trim_matches('/'), "focus"),
                Ok(Link::SignIn { provider, response }) => {
                    let path = tail.trim_start_matches('/').strip_prefix("oauth/").unwrap_or("nothing");
                    prop_assert_eq!(path.split('?').next().unwrap_or("").trim_end_matches('/'), provider.as_str());
                    for name in url::form_urlencoded::parse(tail.split_once('?').map_or("", |(_, query)| query).as_bytes()) {
                        let known = ["code", "state", "iss", "error", "error_description", "scope", "session_state", "error_uri"];
                        prop_assert!(known.contains(&&*name.0));
                    }
                    if let Outcome::Code(code) = response.outcome {
                        prop_assert!(!code.is_empty());
                    }
                }
                Err(_) => {}
            }
        }

        #[test]
        fn a_real_response_is_read_back(code in "[!-~]{1,80}", state in "[A-Za-z0-9_-]{43}", two in any::<bool>()) {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("code", &code)
                .append_pair("state", &state)
                .finish();
            let slashes = if two { "//" } else { "/" };
            let link = parse(&format!("app.patchbay:{slashes}oauth/sandbox?{query}"), SCHEMES);
            match link {
                Ok(Link::SignIn { response: AuthorizationResponse { state: read, outcome: Outcome::Code(found), .. }, .. }) => {
                    prop_assert_eq!(found.expose(), code.as_str());
                    prop_assert_eq!(read.as_ref().map(Secret::expose), Some(state.as_str()));
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
