//! The authorization endpoint: checks the request, asks the person, sends the browser back.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Form, RawQuery, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::authority::Ask;
use super::fault::{Endpoint, Fault, Verdict};
use super::state::{State, lock};
use super::{CLIENT_ID, page, redirect};

/// `GET /oauth/authorize`: the consent page, or what is wrong with the request.
pub(super) async fn ask(Shared(state): Shared<Arc<State>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let parameters: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let get = |name: &str| {
        let mut values = parameters.iter().filter(|(parameter, _)| parameter == name).map(|(_, value)| value.as_str());
        // A parameter given twice is none (RFC 6749 3.1).
        values.next().filter(|value| !value.is_empty()).filter(|_| values.next().is_none())
    };
    // Without a client and a place to return to nobody can be told but the person.
    if get("client_id") != Some(CLIENT_ID) {
        return page::problem(StatusCode::BAD_REQUEST, "The sandbox does not know the application that sent you here.");
    }
    let Some(redirect_uri) = get("redirect_uri").filter(|uri| redirect::is_registered(uri)) else {
        return page::problem(StatusCode::BAD_REQUEST, "The address to return to is not one of the application's own.");
    };
    let refuse = |error: &str, description: &str| {
        let mut response = vec![("error", error), ("error_description", description), ("iss", &state.issuer)];
        response.extend(get("state").map(|value| ("state", value)));
        see_other(&redirect::with_response(redirect_uri, &response))
    };
    if get("response_type") != Some("code") {
        return refuse("unsupported_response_type", "Only response_type=code is supported.");
    }
    let (Some(challenge), Some("S256")) = (get("code_challenge"), get("code_challenge_method")) else {
        return refuse("invalid_request", "PKCE with S256 is required.");
    };
    let ask = Ask {
        client_id: CLIENT_ID.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: get("state").map(str::to_owned),
        scope: get("scope").unwrap_or("models chat").to_owned(),
        challenge: challenge.to_owned(),
    };
    let opened = lock(&state.authority).open(ask, Instant::now());
    match opened {
        Ok(number) => page::consent(&number, &state.options.accounts),
        Err(_) => refuse("temporarily_unavailable", "Too many consent pages are open."),
    }
}

/// What the consent page sends.
#[derive(Deserialize)]
pub(super) struct Reply {
    page: String,
    #[serde(default)]
    account: String,
    decision: String,
}

/// `POST /oauth/consent`: the person decided.
pub(super) async fn decide(Shared(state): Shared<Arc<State>>, Form(reply): Form<Reply>) -> Response {
    let Some(ask) = lock(&state.authority).take(&reply.page, Instant::now()) else {
        return page::problem(
            StatusCode::GONE,
            "This page was answered already, or it was open too long. You can close it and go back to Patchbay.",
        );
    };
    let fault = match state.faults.judge(Endpoint::Authorize).await {
        Verdict::Answer(response) => return response,
        Verdict::GoOn(fault) => fault,
    };
    let redirect_uri = ask.redirect_uri.clone();
    let asked_state = ask.state.clone();
    let known = state.options.accounts.iter().any(|account| account.email == reply.account);
    let outcome = if reply.decision == "allow" && known {
        lock(&state.authority).code(ask, &reply.account, Instant::now()).map_err(|_| "temporarily_unavailable")
    } else {
        Err("access_denied")
    };
    let mut response = match &outcome {
        Ok(code) => vec![("code", code.as_str())],
        Err("access_denied") => vec![("error", "access_denied"), ("error_description", "The person said no.")],
        Err(error) => vec![("error", *error)],
    };
    response.extend(asked_state.as_deref().map(|value| ("state", value)));
    match fault {
        Some(Fault::MissingIssuer) => {}
        Some(Fault::WrongIssuer) => response.push(("iss", "https://elsewhere.example")),
        _ => response.push(("iss", &state.issuer)),
    }
    see_other(&redirect::with_response(&redirect_uri, &response))
}

fn see_other(location: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store")],
        page::way_back(location),
    )
        .into_response()
}
