//! The one HTTP client.
//!
//! It follows no redirect, so that a credential never travels to a host it was not meant for, and has no limit on the
//! whole of a request, because an answer may stream for long; what must end soon sets its own limit. The desktop's proxy
//! is used, but never for this machine: what may go unencrypted because it stays here must stay here.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};
use url::{Host, Url};

/// Chooses the cryptography for TLS; calling it again does nothing.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The client.
pub fn client() -> Result<Client, reqwest::Error> {
    client_through(Matcher::from_system())
}

fn client_through(proxies: Matcher) -> Result<Client, reqwest::Error> {
    install_tls();
    Client::builder()
        .user_agent(concat!("Patchbay/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .proxy(Proxy::custom(move |target| proxy_for(&proxies, target)))
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_mins(2))
        .build()
}

/// Whether an address leads to this machine and nowhere else.
pub fn is_this_machine(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(host)) => host.is_loopback(),
        Some(Host::Ipv6(host)) => host.is_loopback(),
        Some(Host::Domain(host)) => host == "localhost",
        None => false,
    }
}

fn proxy_for(proxies: &Matcher, target: &Url) -> Option<Url> {
    if is_this_machine(target) {
        return None;
    }
    let found = proxies.intercept(&target.as_str().parse().ok()?)?;
    let mut proxy = Url::parse(&found.uri().to_string()).ok()?;
    if let Some((name, password)) = login(&found) {
        proxy.set_username(&name).and_then(|()| proxy.set_password(Some(&password))).ok()?;
    }
    Some(proxy)
}

/// The proxy's own user and password, which the library has taken out of its address.
fn login(proxy: &Intercept) -> Option<(String, String)> {
    if let Some((name, password)) = proxy.raw_auth() {
        return Some((name.to_owned(), password.to_owned()));
    }
    let encoded = proxy.basic_auth()?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(target: &str) -> Option<String> {
        let proxies = Matcher::builder().all("http://ada:p%40ss@proxy.example:3128").no("intern.example").build();
        proxy_for(&proxies, &Url::parse(target).unwrap()).map(String::from)
    }

    #[test]
    fn a_proxy_sees_nothing_that_is_for_this_machine() {
        for target in [
            "http://127.0.0.1:4780/oauth/token",
            "http://127.9.9.9/",
            "http://[::1]:11434/v1/models",
            "http://localhost:1/",
            "http://LOCALHOST:1/",
            "https://localhost/",
        ] {
            assert_eq!(proxied(target), None, "{target}");
        }
        let elsewhere = Some("http://ada:p%40ss@proxy.example:3128/".to_owned());
        assert_eq!(proxied("https://api.example/v1"), elsewhere, "everything else goes as the desktop wants it");
        assert_eq!(proxied("http://localhost.evil.example/"), elsewhere);
        assert_eq!(proxied("https://intern.example/"), None);
    }

    #[tokio::test]
    async fn the_client_calls_this_machine_itself() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxies = Matcher::builder().all(format!("http://{}", proxy.local_addr().unwrap())).build();
        let client = client_through(proxies).unwrap();
        let address = format!("http://{}/", server.local_addr().unwrap());
        let call = tokio::spawn(async move { client.get(address).bearer_auth("canary").send().await });
        tokio::select! {
            _ = proxy.accept() => panic!("the proxy was given a credential for this machine"),
            accepted = server.accept() => {
                let (mut stream, _) = accepted.unwrap();
                let _ = stream.read(&mut [0; 1024]).await.unwrap();
                stream.write_all(b"HTTP/1.1 204 X\r\n\r\n").await.unwrap();
            }
        }
        assert_eq!(call.await.unwrap().unwrap().status(), 204);
    }
}
