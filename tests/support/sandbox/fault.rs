//! What can go wrong at a provider, on demand.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::state::lock;

/// How many rules are kept.
const KEPT: usize = 1_000;

/// What a fault applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// The metadata under `/.well-known/`.
    Metadata,
    /// The authorization response: what the browser is sent back with.
    Authorize,
    /// A code exchanged for tokens.
    Exchange,
    /// Tokens refreshed.
    Refresh,
    /// A token revoked.
    Revoke,
    /// The account's name.
    Userinfo,
    /// The model list.
    Models,
    /// A chat.
    Chat,
}

/// One way to misbehave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// This answer instead.
    Status {
        /// Its status.
        status: u16,
        /// Its body; JSON is labelled as such.
        body: String,
        /// More headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// 429 in the shape of the wire.
    RateLimited {
        /// What `retry-after` says, in seconds.
        retry_after: u64,
    },
    /// 200 with a web page, as a hotel's network does.
    Html,
    /// The connection is reset before anything is answered.
    Reset,
    /// The answer comes late.
    Delay {
        /// By so much.
        milliseconds: u64,
    },
    /// The answer never comes.
    Hang,
    /// 200 with JSON that ends in the middle.
    TruncatedJson,
    /// 200 with an endless string in JSON.
    HugeBody {
        /// So long.
        bytes: u64,
    },
    /// An OAuth error (400) such as `invalid_grant`.
    OAuth {
        /// The error's code.
        error: String,
    },
    /// The authorization response names another issuer.
    WrongIssuer,
    /// The authorization response names no issuer.
    MissingIssuer,
    /// The stream brings an error event after so many pieces, and ends.
    StreamError {
        /// Pieces before it.
        after: usize,
        /// Its message.
        message: String,
    },
    /// The connection breaks after so many pieces.
    StreamCut {
        /// Pieces before it.
        after: usize,
    },
    /// The stream ends after so many pieces as if complete, but without a finish reason and `[DONE]`.
    StreamEnd {
        /// Pieces before it.
        after: usize,
    },
    /// The stream brings an event that is no JSON after so many pieces, and goes on.
    StreamGarbage {
        /// Pieces before it.
        after: usize,
    },
}

/// A fault with its place and how often it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRule {
    /// Where.
    pub endpoint: Endpoint,
    /// What.
    pub fault: Fault,
    /// How often; `None` is until cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

/// Marks a response that is never sent: the connection is reset instead.
#[derive(Clone, Copy)]
pub(super) struct ResetConnection;

/// The rules in force, the first one for an endpoint wins.
#[derive(Default)]
pub(super) struct Faults(Mutex<Vec<FaultRule>>);

/// What a handler does after asking for faults.
pub(super) enum Verdict {
    /// Answer this and nothing else.
    Answer(Response),
    /// Go on, minding what only the handler can do.
    GoOn(Option<Fault>),
}

impl Faults {
    pub(super) fn add(&self, rule: FaultRule) {
        let mut rules = lock(&self.0);
        if rules.len() < KEPT {
            rules.push(rule);
        }
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    fn take(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut rules = lock(&self.0);
        let index = rules.iter().position(|rule| rule.endpoint == endpoint)?;
        let rule = rules.get_mut(index)?;
        let fault = rule.fault.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                rules.remove(index);
            }
        }
        Some(fault)
    }

    /// Uses up the next fault of this endpoint; those that take time are waited for here.
    pub(super) async fn judge(&self, endpoint: Endpoint) -> Verdict {
        let Some(fault) = self.take(endpoint) else { return Verdict::GoOn(None) };
        match fault {
            Fault::Status { status, body, headers } => Verdict::Answer(status_response(status, body, &headers)),
            Fault::RateLimited { retry_after } => {
                let body = json!({"error": {"message": "Rate limit reached for requests", "type": "requests",
                    "param": null, "code": "rate_limit_exceeded"}});
                let headers = BTreeMap::from([("retry-after".to_owned(), retry_after.to_string())]);
                Verdict::Answer(status_response(429, body.to_string(), &headers))
            }
            Fault::Html => Verdict::Answer(
                ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><title>Welcome</title><h1>Hotel Wi-Fi</h1>")
                    .into_response(),
            ),
            Fault::Reset => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(ResetConnection);
                Verdict::Answer(response)
            }
            Fault::Delay { milliseconds } => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                Verdict::GoOn(None)
            }
            Fault::Hang => std::future::pending().await,
            Fault::TruncatedJson => Verdict::Answer(json_text(r#"{"object": "list", "data": [{"id": "sand"#)),
            Fault::HugeBody { bytes } => Verdict::Answer(huge(bytes)),
            Fault::OAuth { error } => {
                let body = json!({"error": error, "error_description": "Refused on demand."});
                Verdict::Answer(status_response(400, body.to_string(), &BTreeMap::new()))
            }
            fault => Verdict::GoOn(Some(fault)),
        }
    }
}

fn json_text(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn status_response(status: u16, body: String, headers: &BTreeMap<String, String>) -> Response {
    let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/plain; charset=utf-8" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A body that is written piece by piece, so that its size costs the sandbox nothing.
fn huge(bytes: u64) -> Response {
    const PIECE: u64 = 64 * 1024;
    let begin = Bytes::from_static(b"{\"object\": \"list\", \"data\": \"");
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    let pieces = (0..bytes.div_ceil(PIECE)).map(move |_| Ok::<_, Infallible>(piece.clone()));
    let body = std::iter::once(Ok(begin)).chain(pieces).chain(std::iter::once(Ok(Bytes::from_static(b"\"}"))));
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(stream::iter(body))).into_response()
}
