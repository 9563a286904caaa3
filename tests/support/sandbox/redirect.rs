//! Which redirect URIs the client is registered with, and what is added to them.

use url::Url;

/// Private-use schemes are compared letter by letter (RFC 6749 3.1.2.3). A provider's own part of the path follows.
const SCHEMES: [&str; 2] = ["app.patchbay:/oauth/", "app.patchbay.dev:/oauth/"];

/// On loopback every port is as good as another (RFC 8252 7.3).
const LOOPBACK_PATH: &str = "/oauth/callback";

/// Whether a code may be sent there. The provider's part is free, so that a test can run two sandboxes side by side.
pub(super) fn is_registered(uri: &str) -> bool {
    if let Some(provider) = SCHEMES.iter().find_map(|scheme| uri.strip_prefix(scheme)) {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        return (1..=64).contains(&provider.len()) && provider.bytes().all(allowed);
    }
    let Ok(url) = Url::parse(uri) else { return false };
    url.scheme() == "http"
        && matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
        && url.path() == LOOPBACK_PATH
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
}

/// The redirect URI with the response in its query; written by hand, so that the rest stays letter by letter.
pub(super) fn with_response(uri: &str, parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{uri}?{query}")
}

#[cfg(test)]
mod tests {
    use super::is_registered;

    #[test]
    fn only_registered_redirects_pass() {
        for good in [
            "app.patchbay:/oauth/sandbox",
            "app.patchbay.dev:/oauth/sandbox",
            "http://127.0.0.1:51234/oauth/callback",
            "http://[::1]:51234/oauth/callback",
        ] {
            assert!(is_registered(good), "{good} is registered");
        }
        for bad in [
            "app.patchbay://oauth/sandbox",
            "app.patchbay:/oauth/sandbox/",
            "app.patchbay:/oauth/",
            "app.patchbay:/oauth/sandbox?next=x",
            "app.patchbay.evil:/oauth/sandbox",
            "http://localhost:51234/oauth/callback",
            "http://127.0.0.1:51234/oauth/callback?x=1",
            "http://127.0.0.1.evil.example/oauth/callback",
            "https://127.0.0.1/oauth/callback",
            "http://user@127.0.0.1/oauth/callback",
            "",
        ] {
            assert!(!is_registered(bad), "{bad} is not registered");
        }
    }
}
