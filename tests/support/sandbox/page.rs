//! The pages that a person sees in the browser. Plain HTML: no script, one style sheet, light and dark.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::KEY_PREFIX;
use super::options::Account;
use super::state::{State, lock};

const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// `GET /style.css`.
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css")).into_response()
}

/// `GET /`: what this is, and a key to try.
pub(super) async fn home(Shared(state): Shared<Arc<State>>) -> Response {
    let models = lock(&state.models)
        .iter()
        .map(|model| format!("<li>{} <code>{}</code></li>", escape(&model.name), escape(&model.id)))
        .collect::<Vec<_>>()
        .concat();
    let body = format!(
        "<h1>Patchbay Sandbox</h1>\
        <p>A model provider on this machine, to try Patchbay without an account. It keeps nothing: when it ends, \
        everything is forgotten.</p>\
        <h2>A key to paste</h2><p><code class=\"key\">{KEY_PREFIX}try-me</code></p>\
        <p class=\"quiet\">Every key that begins with <code>{KEY_PREFIX}</code> works.</p>\
        <h2>Models</h2><ul>{models}</ul>"
    );
    document(StatusCode::OK, "Patchbay Sandbox", &body)
}

/// The question whether Patchbay may.
pub(super) fn consent(number: &str, accounts: &[Account]) -> Response {
    let choices = accounts
        .iter()
        .enumerate()
        .map(|(index, account)| {
            let checked = if index == 0 { " checked" } else { "" };
            format!(
                "<label><input type=\"radio\" name=\"account\" value=\"{email}\"{checked}>\
                <span>{name}<small>{email}</small></span></label>",
                email = escape(&account.email),
                name = escape(&account.name),
            )
        })
        .collect::<Vec<_>>()
        .concat();
    let body = format!(
        "<p class=\"quiet\">Patchbay Sandbox</p>\
        <h1>Patchbay wants to use models as you</h1>\
        <form method=\"post\" action=\"/oauth/consent\">\
        <input type=\"hidden\" name=\"page\" value=\"{number}\">\
        <fieldset><legend>Account</legend>{choices}</fieldset>\
        <p>It will be able to:</p><ul><li>see which models you have</li><li>chat with them in your name</li></ul>\
        <p class=\"buttons\"><button name=\"decision\" value=\"allow\" class=\"main\">Allow</button>\
        <button name=\"decision\" value=\"deny\">Deny</button></p></form>\
        <p class=\"quiet\">This is a provider on your own machine. No account is real and nothing leaves it.</p>",
        number = escape(number),
    );
    document(StatusCode::OK, "Allow Patchbay?", &body)
}

/// Something that only the person can be told.
pub(super) fn problem(status: StatusCode, words: &str) -> Response {
    document(status, "Patchbay Sandbox", &format!("<h1>This did not work</h1><p>{}</p>", escape(words)))
}

/// The body of a redirect, for a browser that stays on the page.
pub(super) fn way_back(location: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><title>Return to Patchbay</title>\
        <p><a href=\"{}\">Return to Patchbay</a></p>",
        escape(location)
    ))
}

fn document(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
        <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/style.css\"></head>\
        <body><main>{body}</main></body></html>"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
