//! What every request passes first: the check of its host, the limit of its body, and the capture.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::state::State;

/// The longest body that is read.
pub(super) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Refuses what a web page sends here under a name of its own (DNS rebinding).
pub(super) async fn only_loopback(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost") {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "The sandbox answers to 127.0.0.1 only.").into_response()
    }
}

/// Keeps the request, then lets it through.
pub(super) async fn capture(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "This is more than the sandbox reads.").into_response();
    };
    state.captures.add(&parts, &body);
    next.run(Request::from_parts(parts, Body::from(body))).await
}
