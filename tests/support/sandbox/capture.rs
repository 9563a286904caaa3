//! What arrived: every request as it came, for the proof at the server.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use super::state::lock;

/// How many requests are kept; the oldest go first.
const KEPT: usize = 1_000;

/// One request as it arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Captured {
    /// Its number, from 1.
    pub number: u64,
    /// When it was complete, in milliseconds since 1970.
    pub at: u64,
    /// `GET`, `POST`…
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: Option<String>,
    /// The headers in the order of arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Captured {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The bearer token it came with.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The model that a chat request names.
    pub fn model(&self) -> Option<String> {
        self.json().get("model")?.as_str().map(str::to_owned)
    }

    /// The body as a form.
    pub fn form(&self) -> Vec<(String, String)> {
        let is_form =
            self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if is_form { url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect() } else { Vec::new() }
    }

    /// One field of the body as a form.
    pub fn field(&self, name: &str) -> Option<String> {
        self.form().into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// One parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref()?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// The requests so far.
pub(super) struct Captures {
    kept: Mutex<VecDeque<Captured>>,
    count: watch::Sender<u64>,
}

impl Default for Captures {
    fn default() -> Self {
        Self { kept: Mutex::new(VecDeque::new()), count: watch::Sender::new(0) }
    }
}

impl Captures {
    pub(super) fn add(&self, parts: &Parts, body: &[u8]) {
        let mut kept = lock(&self.kept);
        let number = *self.count.borrow() + 1;
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        kept.push_back(Captured {
            number,
            at: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |passed| u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: text(body),
        });
        if kept.len() > KEPT {
            kept.pop_front();
        }
        self.count.send_replace(number);
    }

    pub(super) fn all(&self) -> Vec<Captured> {
        lock(&self.kept).iter().cloned().collect()
    }

    /// Changes with every request.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    pub(super) fn clear(&self) {
        lock(&self.kept).clear();
    }
}
