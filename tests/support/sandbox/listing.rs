//! What the sandbox says of itself: its metadata as an authorization server, and its models.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::KEY_PREFIX;
use super::fault::{Endpoint, Verdict};
use super::state::{State, lock};
use super::token::bearer;

/// `GET /.well-known/oauth-authorization-server` (RFC 8414), and the same for `OpenID` Connect discovery.
pub(super) async fn metadata(Shared(state): Shared<Arc<State>>) -> Response {
    if let Verdict::Answer(response) = state.faults.judge(Endpoint::Metadata).await {
        return response;
    }
    let issuer = &state.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "userinfo_endpoint": format!("{issuer}/oauth/userinfo"),
        "scopes_supported": ["models", "chat"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
    }))
    .into_response()
}

/// `GET /v1/models`.
pub(super) async fn models(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    if let Verdict::Answer(response) = state.faults.judge(Endpoint::Models).await {
        return response;
    }
    if let Err(response) = caller(&state, &headers) {
        return *response;
    }
    let data: Vec<Value> = lock(&state.models)
        .iter()
        .map(|model| {
            json!({"id": model.id, "object": "model", "created": 1_767_225_600, "owned_by": "sandbox",
                "name": model.name, "context_length": model.context_length})
        })
        .collect();
    Json(json!({"object": "list", "data": data})).into_response()
}

/// Who calls, in words for the answer.
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) method: &'static str,
}

/// Who calls, or the answer of one who may not.
pub(super) fn caller(state: &State, headers: &HeaderMap) -> Result<Caller, Box<Response>> {
    let token = bearer(headers).unwrap_or_default();
    if let Some(grant) = lock(&state.authority).grant_of(token, Instant::now()) {
        return Ok(Caller { name: grant.account, method: "a sign-in" });
    }
    if token.len() > KEY_PREFIX.len() && token.starts_with(KEY_PREFIX) {
        return Ok(Caller { name: "the holder of a key".to_owned(), method: "a key" });
    }
    if state.options.accepts_any_token && !token.is_empty() {
        return Ok(Caller { name: "the holder of a token".to_owned(), method: "a token" });
    }
    let message =
        if token.is_empty() { "No credential came with this request." } else { "This credential is not valid." };
    Err(Box::new(error(StatusCode::UNAUTHORIZED, "invalid_request_error", "invalid_api_key", message)))
}

/// An error in the shape of the wire.
pub(super) fn error(status: StatusCode, kind: &str, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))).into_response()
}
