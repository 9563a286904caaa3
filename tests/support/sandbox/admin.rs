//! `/admin`: what the methods of [`super::Sandbox`] do, for a sandbox that runs as a program.
//!
//! Bodies must be labelled as JSON, which no page of another origin can send without being asked first.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::capture::Captured;
use super::fault::FaultRule;
use super::options::Model;
use super::state::{State, lock};

type App = Shared<Arc<State>>;

/// The routes, relative to `/admin`.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/health", get(health))
        .route("/captures", get(captures))
        .route("/faults", post(faults))
        .route("/models", post(models))
        .route("/answer", post(answer))
        .route("/gate", post(gate))
        .route("/expire-tokens", post(expire))
        .route("/revoke-everything", post(revoke))
        .route("/clear", post(clear))
}

async fn health(Shared(state): App) -> Json<Value> {
    Json(json!({"sandbox": true, "issuer": state.issuer, "version": env!("CARGO_PKG_VERSION")}))
}

async fn captures(Shared(state): App) -> Json<Vec<Captured>> {
    Json(state.captures.all())
}

async fn faults(Shared(state): App, Json(rule): Json<FaultRule>) -> StatusCode {
    state.faults.add(rule);
    StatusCode::NO_CONTENT
}

async fn models(Shared(state): App, Json(models): Json<Vec<Model>>) -> StatusCode {
    *lock(&state.models) = models;
    StatusCode::NO_CONTENT
}

async fn answer(Shared(state): App, Json(answer): Json<Option<Answer>>) -> StatusCode {
    *lock(&state.answer) = answer;
    StatusCode::NO_CONTENT
}

/// What to do with the gate.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum GateOrder {
    Hold,
    Release(usize),
    Open,
}

async fn gate(Shared(state): App, Json(order): Json<GateOrder>) -> StatusCode {
    match (order, state.gate()) {
        (GateOrder::Hold, _) => drop(state.hold()),
        (GateOrder::Release(pieces), Some(gate)) => gate.release(pieces.min(1_000_000)),
        (GateOrder::Open, Some(gate)) => gate.open(),
        (_, None) => return StatusCode::CONFLICT,
    }
    StatusCode::NO_CONTENT
}

async fn expire(Shared(state): App, Json(_): Json<Value>) -> StatusCode {
    lock(&state.authority).expire_access_tokens();
    StatusCode::NO_CONTENT
}

async fn revoke(Shared(state): App, Json(_): Json<Value>) -> StatusCode {
    lock(&state.authority).revoke_everything();
    StatusCode::NO_CONTENT
}

async fn clear(Shared(state): App, Json(_): Json<Value>) -> StatusCode {
    state.clear();
    StatusCode::NO_CONTENT
}
