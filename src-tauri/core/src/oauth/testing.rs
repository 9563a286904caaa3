//! What this module's tests share: a server that gives canned answers, a clock, a browser.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::ports::{Browser, BrowserError, Clock};
use crate::providers::{Provider, SignInDefinition};
use crate::time::Timestamp;

/// A client as the application makes it: no redirects, no proxy.
pub(super) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// An HTTP server that gives these answers in order and keeps what it was asked.
pub(super) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) async fn answering(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut answers: VecDeque<_> = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let asked = requests.clone();
        tokio::spawn(async move {
            while let Some((status, body)) = answers.pop_front() {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let request = read_request(&mut stream).await;
                asked.lock().unwrap().push(request);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        Self { port, requests }
    }

    /// An address where nothing answers.
    pub(super) async fn gone() -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap()
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        let count = stream.read(&mut buffer).await.unwrap();
        if count == 0 {
            return text;
        }
        read.extend_from_slice(&buffer[..count]);
    }
}

/// A definition whose endpoints are all on this server.
pub(super) fn definition(server: &Url) -> SignInDefinition {
    provider(server, "").sign_in.unwrap()
}

/// A provider whose endpoints are all on this server; `more` is added to its sign-in.
pub(super) fn provider(server: &Url, more: &str) -> Provider {
    provider_named("sandbox", server, more)
}

pub(super) fn provider_named(id: &str, server: &Url, more: &str) -> Provider {
    let returns = if more.contains("returns =") { "" } else { "returns = [\"deep_link\", \"loopback\"]" };
    toml::from_str(&format!(
        r#"
        id = "{id}"
        name = "Sandbox"
        wire = "chat_completions"
        base_url = "{server}v1"
        [sign_in]
        standing = {{ official = true, source = "here", date = "2026-11-23" }}
        {returns}
        client_id = "patchbay"
        authorize_url = "{server}authorize?tenant=1"
        token_url = "{server}token"
        revocation_url = "{server}revoke"
        scopes = ["openid", "models"]
        {more}
        "#
    ))
    .unwrap()
}

/// A clock that stands still until it is moved.
pub(super) struct StillClock(Mutex<Timestamp>);

impl StillClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp(1_800_000_000_000))))
    }

    pub(super) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = *now + by;
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A browser that keeps what it was sent to, or cannot be started.
#[derive(Default)]
pub(super) struct FakeBrowser {
    pub(super) pages: Mutex<Vec<Url>>,
    pub(super) broken: Mutex<bool>,
}

impl FakeBrowser {
    pub(super) fn last(&self) -> Url {
        self.pages.lock().unwrap().last().cloned().expect("the browser was not opened")
    }
}

impl Browser for FakeBrowser {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        if *self.broken.lock().unwrap() {
            return Err(BrowserError("none installed".to_owned()));
        }
        self.pages.lock().unwrap().push(page.clone());
        Ok(())
    }
}

/// The value of a parameter of an address.
pub(super) fn parameter(page: &Url, name: &str) -> Option<String> {
    page.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
