//! The token, revocation and userinfo endpoints.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Form, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::CLIENT_ID;
use super::authority::{Refusal, Tokens};
use super::fault::{Endpoint, Verdict};
use super::state::{State, lock};

type Fields = HashMap<String, String>;

/// `POST /oauth/token`.
pub(super) async fn token(Shared(state): Shared<Arc<State>>, Form(fields): Form<Fields>) -> Response {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let endpoint = match field("grant_type") {
        "authorization_code" => Endpoint::Exchange,
        "refresh_token" => Endpoint::Refresh,
        _ => return refuse(&Refusal { error: "unsupported_grant_type", description: "A code or a refresh token." }),
    };
    if let Verdict::Answer(response) = state.faults.judge(endpoint).await {
        return response;
    }
    if field("client_id") != CLIENT_ID {
        return refuse(&Refusal { error: "invalid_client", description: "This client is unknown." });
    }
    let lifetime = *lock(&state.access_token_lifetime);
    let now = Instant::now();
    let mut authority = lock(&state.authority);
    let outcome = if endpoint == Endpoint::Exchange {
        let (code, uri, verifier) = (field("code"), field("redirect_uri"), field("code_verifier"));
        authority.exchange(code, CLIENT_ID, uri, verifier, now, lifetime)
    } else {
        authority.refresh(field("refresh_token"), CLIENT_ID, now, lifetime)
    };
    drop(authority);
    match outcome {
        Ok(tokens) => grant(&tokens),
        Err(refusal) => refuse(&refusal),
    }
}

fn grant(tokens: &Tokens) -> Response {
    let body = json!({
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": tokens.lifetime.as_secs(),
        "refresh_token": tokens.refresh,
        "scope": tokens.scope,
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn refuse(refusal: &Refusal) -> Response {
    let status = match refusal.error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({"error": refusal.error, "error_description": refusal.description});
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// `POST /oauth/revoke` (RFC 7009).
pub(super) async fn revoke(Shared(state): Shared<Arc<State>>, Form(fields): Form<Fields>) -> Response {
    if let Verdict::Answer(response) = state.faults.judge(Endpoint::Revoke).await {
        return response;
    }
    match (fields.get("token"), fields.get("client_id").map(String::as_str)) {
        (Some(token), Some(CLIENT_ID)) => {
            lock(&state.authority).revoke(token);
            StatusCode::OK.into_response()
        }
        (_, Some(CLIENT_ID)) => refuse(&Refusal { error: "invalid_request", description: "There is no token." }),
        _ => refuse(&Refusal { error: "invalid_client", description: "This client is unknown." }),
    }
}

/// `GET /oauth/userinfo`.
pub(super) async fn userinfo(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    if let Verdict::Answer(response) = state.faults.judge(Endpoint::Userinfo).await {
        return response;
    }
    let token = bearer(&headers).unwrap_or_default();
    let grant = lock(&state.authority).grant_of(token, Instant::now());
    let account = grant.and_then(|grant| state.options.accounts.iter().find(|account| account.email == grant.account));
    match account {
        Some(account) => {
            Json(json!({"sub": account.email, "email": account.email, "name": account.name})).into_response()
        }
        None => {
            (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")]).into_response()
        }
    }
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}
