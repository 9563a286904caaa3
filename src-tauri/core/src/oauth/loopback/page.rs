//! The static page that ends a sign-in in the browser, and its headers: no script, nothing loaded, nothing kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use sha2::{Digest, Sha256};

use crate::words::say;

const STYLE: &str = ":root{color-scheme:light dark;--paper:#fbfaf8;--ink:#1d1b18;--accent:#8f5d10}\
@media(prefers-color-scheme:dark){:root{--paper:#171614;--ink:#ece8e1;--accent:#e3ac55}}\
body{margin:20vh auto 0;max-width:28rem;padding:0 1.5rem;background:var(--paper);color:var(--ink);\
font:16px/1.6 system-ui,sans-serif}h1{font-size:20px;font-weight:600}a{color:var(--accent)}";

/// Which page.
#[derive(Clone, Copy)]
pub(super) enum Page {
    /// The code has arrived.
    Received,
    /// The refusal has arrived.
    Denied,
    /// The request belongs to no waiting sign-in.
    Other,
    /// There is nothing at this address.
    Missing,
}

/// The page with its headers. `focus` is the link that brings the window forward; the pages that end a sign-in follow it
/// by themselves.
pub(super) fn write(status: StatusCode, page: Page, focus: &str) -> Response<Full<Bytes>> {
    let (heading, text, ends) = match page {
        Page::Received => ("sign-in-page-received", "sign-in-page-received-text", true),
        Page::Denied => ("sign-in-page-denied", "sign-in-page-denied-text", true),
        Page::Other => ("sign-in-page-other", "sign-in-page-other-text", false),
        Page::Missing => ("sign-in-page-missing", "sign-in-page-missing-text", false),
    };
    let focus = escape(focus);
    let refresh =
        if ends { format!("<meta http-equiv=\"refresh\" content=\"1; url={focus}\">") } else { String::new() };
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">{refresh}<title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{heading}</h1><p>{text}</p>\
         <p><a href=\"{focus}\">{link}</a></p></body></html>",
        title = escape(&say("sign-in-page-title")),
        heading = escape(&say(heading)),
        text = escape(&say(text)),
        link = escape(&say("sign-in-page-link")),
    );
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
