//! The call profile: everything one request needs, built in one place, the only way to a request.
//!
//! The kind of the credential decides its header: an OAuth token is always a bearer token, a key goes where the
//! provider takes keys. So neither can end up in the other's header, and neither leaves for another host.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value};
use url::Url;

use super::{AuthHeader, Provider};
use crate::vault::{Credential, Secret};
use crate::wire::{EncodedRequest, Format, ListFormat, ProviderError};

const MASK: &str = "•••";
/// A shorter text is no secret, and stands in ordinary words.
const SHORTEST: usize = 6;

/// Why no request can be built.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The address is not one.
    #[error("the base URL is not a plain http or https address")]
    BaseUrl,
    /// A header or the credential holds characters that no header may hold.
    #[error("a header holds characters that no header may hold")]
    Header,
}

/// Everything one request needs. Deliberately without `Debug`: it holds the credential.
#[derive(Clone)]
pub struct CallProfile {
    format: Format,
    list: ListFormat,
    extra: Map<String, Value>,
    base_url: Url,
    headers: HeaderMap,
    secret: Option<Secret>,
}

impl CallProfile {
    /// The profile for one connection of `provider` at `base_url`.
    pub fn new(provider: &Provider, base_url: &str, credential: Option<&Credential>) -> Result<Self, ProfileError> {
        let mut base_url = Url::parse(base_url).map_err(|_| ProfileError::BaseUrl)?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
            return Err(ProfileError::BaseUrl);
        }
        // A password in the address would end up beside it, in the database.
        if !base_url.username().is_empty() || base_url.password().is_some() {
            return Err(ProfileError::BaseUrl);
        }
        let path = base_url.path().trim_end_matches('/').to_owned();
        base_url.set_path(&path);
        base_url.set_query(None);
        base_url.set_fragment(None);
        let mut headers = HeaderMap::new();
        for (name, value) in &provider.headers {
            let name = HeaderName::try_from(name).map_err(|_| ProfileError::Header)?;
            headers.insert(name, HeaderValue::try_from(value).map_err(|_| ProfileError::Header)?);
        }
        if let Some(credential) = credential {
            let (name, value) = authorization(&provider.auth, credential)?;
            headers.insert(name, value);
        }
        let secret = credential.map(|credential| secret_of(credential).clone());
        Ok(Self { format: provider.wire, list: provider.list, extra: provider.extra(), base_url, headers, secret })
    }

    /// Where requests go, without a query, a fragment or a last slash.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// How requests and streams are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How models are listed.
    pub fn list(&self) -> ListFormat {
        self.list
    }

    /// What the body of a chat request has besides its own; `null` takes something away.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }

    /// A request that reads `path`, which may hold a query behind `?`.
    pub fn get(&self, http: &Client, path: &str) -> RequestBuilder {
        http.get(self.address(path)).headers(self.headers.clone())
    }

    /// A request that sends what was encoded. The profile's own headers replace those that the format asks for.
    pub fn post(&self, http: &Client, request: &EncodedRequest) -> RequestBuilder {
        let headers = request
            .headers
            .iter()
            .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?)));
        let mut headers: HeaderMap = headers.collect();
        // Not `extend`, which would send both.
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        http.post(self.address(&request.path)).headers(headers).json(&request.body)
    }

    /// The error without this profile's credential: some providers echo it, and its shape need not give it away.
    pub fn without_credential(&self, mut error: ProviderError) -> ProviderError {
        if let Some(secret) = self.secret.as_ref().filter(|secret| secret.expose().len() >= SHORTEST) {
            error.message = without(&error.message, secret.expose());
            error.code = error.code.map(|code| without(&code, secret.expose()));
        }
        error
    }

    fn address(&self, path: &str) -> Url {
        let mut address = self.base_url.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        address.set_query(query);
        let joined = format!("{}/{path}", self.base_url.path().trim_end_matches('/'));
        address.set_path(&joined);
        address
    }
}

fn secret_of(credential: &Credential) -> &Secret {
    match credential {
        Credential::OAuth(tokens) => &tokens.access_token,
        Credential::ApiKey(key) => &key.0,
    }
}

/// The text without the secret, and without the beginning of it where the text was cut inside of it.
fn without(text: &str, secret: &str) -> String {
    let mut text = text.replace(secret, MASK);
    let cut = text.trim_end_matches('…').len();
    let part = (SHORTEST..secret.len()).rev().filter(|end| secret.is_char_boundary(*end));
    if let Some(end) = part.into_iter().find(|end| text[..cut].ends_with(&secret[..*end])) {
        text.replace_range(cut - end..cut, MASK);
    }
    text
}

fn authorization(auth: &AuthHeader, credential: &Credential) -> Result<(HeaderName, HeaderValue), ProfileError> {
    let (name, text) = match (credential, auth) {
        (Credential::OAuth(tokens), _) => (AUTHORIZATION, format!("Bearer {}", tokens.access_token.expose())),
        (Credential::ApiKey(key), AuthHeader::Bearer) => (AUTHORIZATION, format!("Bearer {}", key.0.expose())),
        (Credential::ApiKey(key), AuthHeader::Header(name)) => {
            (HeaderName::try_from(name).map_err(|_| ProfileError::Header)?, key.0.expose().to_owned())
        }
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| ProfileError::Header)?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{ApiKey, OAuthTokens};

    fn provider(auth: &str) -> Provider {
        let text = format!("id = \"p\"\nname = \"P\"\nwire = \"chat_completions\"\n{auth}[headers]\nX-Title = \"T\"\n");
        toml::from_str(&text).unwrap()
    }

    fn key() -> Credential {
        Credential::ApiKey(ApiKey(Secret::new("the-key".to_owned())))
    }

    fn tokens() -> Credential {
        Credential::OAuth(OAuthTokens {
            access_token: Secret::new("the-token".to_owned()),
            refresh_token: None,
            expires_at: None,
            scope: None,
        })
    }

    fn request(provider: &Provider, base: &str, credential: Option<&Credential>) -> reqwest::Request {
        crate::http::install_tls();
        let profile = CallProfile::new(provider, base, credential).unwrap();
        profile.get(&Client::new(), "models").build().unwrap()
    }

    #[test]
    fn the_kind_of_the_credential_decides_its_header() {
        let own_header = provider("auth = { header = \"x-api-key\" }\n");
        let with_key = request(&own_header, "https://host/v1", Some(&key()));
        assert_eq!(with_key.headers()["x-api-key"], "the-key");
        assert!(!with_key.headers().contains_key(AUTHORIZATION), "a key is not sent twice");
        let with_tokens = request(&own_header, "https://host/v1", Some(&tokens()));
        assert_eq!(with_tokens.headers()[AUTHORIZATION], "Bearer the-token");
        assert!(!with_tokens.headers().contains_key("x-api-key"), "a token is never sent as a key");
        let bearer = request(&provider(""), "https://host/v1", Some(&key()));
        assert_eq!(bearer.headers()[AUTHORIZATION], "Bearer the-key");
        assert!(bearer.headers()[AUTHORIZATION].is_sensitive(), "it must not show in a log");
    }

    #[test]
    fn what_the_catalogue_says_of_requests_is_in_the_profile() {
        let provider = provider("list = \"groq\"\nparameters = { seed = 1 }\nrefuses = [\"stream_options\"]\n");
        let profile = CallProfile::new(&provider, "https://host/v1", None).unwrap();
        let extra = serde_json::json!({ "seed": 1, "stream_options": null });
        assert_eq!((profile.list(), profile.extra()), (ListFormat::Groq, extra.as_object().unwrap()));
    }

    #[test]
    fn a_request_keeps_its_query_and_its_headers() {
        crate::http::install_tls();
        let sent = |path: &str, headers: Vec<(&'static str, String)>| {
            let profile = CallProfile::new(&provider(""), "https://host/v1?lost=1", Some(&key())).unwrap();
            let encoded = EncodedRequest { path: path.to_owned(), headers, body: serde_json::json!({ "a": 1 }) };
            profile.post(&Client::new(), &encoded).build().unwrap()
        };
        let request = sent("models/a%2F..%2Fb:stream?alt=sse&x=1", vec![("x-version", "1".to_owned())]);
        assert_eq!(request.url().as_str(), "https://host/v1/models/a%2F..%2Fb:stream?alt=sse&x=1");
        assert_eq!(request.headers()["x-version"], "1");
        assert_eq!(request.headers()["content-type"], "application/json");
        let request = sent("chat", vec![("x-title", "ours".to_owned()), ("authorization", "ours".to_owned())]);
        assert_eq!(request.url().as_str(), "https://host/v1/chat");
        let all =
            |name| request.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!((all("x-title"), all("authorization")), (vec!["T"], vec!["Bearer the-key"]), "its own come first");
    }

    #[test]
    fn an_error_never_holds_the_credential() {
        use crate::wire::ErrorKind;
        let secret = "correct.horse.battery.staple";
        let credential = Credential::ApiKey(ApiKey(Secret::new(secret)));
        let profile = CallProfile::new(&provider(""), "https://host/v1", Some(&credential)).unwrap();
        let cleaned =
            |message: &str| profile.without_credential(ProviderError::new(ErrorKind::Invalid, message)).message;
        assert_eq!(cleaned(&format!("no: {secret}, {secret}!")), "no: •••, •••!");
        assert_eq!(cleaned("a plain word"), "a plain word");
        for cut in 490 - secret.len()..495 {
            let message = cleaned(&format!("{} {secret} and more and more", "word ".repeat(100)[..cut].trim_end()));
            assert!(!message.contains("correct"), "{message}");
        }
        let with_code = ProviderError { code: Some(secret.to_owned()), ..ProviderError::new(ErrorKind::Invalid, "") };
        assert_eq!(profile.without_credential(with_code).code.as_deref(), Some("•••"));
    }

    #[test]
    fn the_base_url_is_honoured_with_its_path() {
        for base in ["https://host/api/v1", "https://host/api/v1/", "https://host/api/v1?x=1#y"] {
            let request = request(&provider(""), base, None);
            assert_eq!(request.url().as_str(), "https://host/api/v1/models");
            assert_eq!(request.headers()["X-Title"], "T");
        }
        assert_eq!(request(&provider(""), "http://host", None).url().as_str(), "http://host/models");
        for base in ["", "host", "file:///etc/passwd", "ftp://host/v1", "http://", "https://me:secret@host/v1"] {
            assert!(CallProfile::new(&provider(""), base, None).is_err(), "{base:?} was taken");
        }
    }
}
