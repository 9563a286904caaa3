//! Error bodies, in the many shapes that servers give them, and which kind of error they are.
//!
//! The provider's own code decides first, then the status, then the wording: several vendors answer 400 for what is a
//! credential, 429 for an empty account, or 200 for anything.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::cleaning::clean;
use super::error::{ErrorKind, ProviderError};
use super::json::{first_text, text};

/// What the codes begin with by which OpenAI refuses the use of a `ChatGPT` plan.
pub(super) const PLAN: &str = "subscription_sharing_";
/// Longer bodies are not parsed: an error is short.
const LIMIT: usize = 1024 * 1024;
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Reads the body of an answer whose status is not a success.
pub(super) fn failure(status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
    let parsed = (body.len() <= LIMIT).then(|| serde_json::from_slice::<Value>(body).ok()).flatten();
    let mut error = match &parsed {
        Some(value) => from_value(value, Some(status)),
        None => ProviderError {
            status: Some(status),
            ..ProviderError::new(kind(None, None, Some(status), ""), &plain(body))
        },
    };
    error.retry_after = retry_after(headers).or(error.retry_after);
    error
}

/// Whether a value that came with a success is an error all the same.
pub(super) fn is_error(value: &Value) -> bool {
    let named = match value.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(words)) => !words.is_empty(),
        Some(_) => true,
    };
    let spoken = ["message", "detail", "errors"].iter().any(|key| value.get(key).is_some_and(|part| !part.is_null()));
    let marked = ["object", "type"].iter().any(|key| text(value, key) == Some("error"));
    named || (value.get("choices").is_none() && (spoken || marked))
}

/// Reads an error that is already JSON. `status` is the answer's own, if that was not a success.
pub(super) fn from_value(value: &Value, status: Option<u16>) -> ProviderError {
    let value = value.as_array().and_then(|list| list.first()).unwrap_or(value);
    let inner = ["error", "detail"].iter().find_map(|key| value.get(key).filter(|inner| inner.is_object()));
    let inner = inner.unwrap_or(value);
    // A plan's refusals may be nothing but their code.
    let bare = || text(value, "detail").filter(|detail| detail.starts_with(PLAN)).map(str::to_owned);
    let code = string_or_number(inner, "code").or_else(bare);
    let type_ = first_text(inner, &["type", "status"]);
    let status = status.or_else(|| {
        let spoken =
            ["status", "status_code", "code"].iter().find_map(|key| string_or_number(inner, key)?.parse().ok());
        spoken.filter(|status| (400..600).contains(status))
    });
    let message = message(value).unwrap_or_default();
    let kind = kind(code.as_deref(), type_, status, &message);
    ProviderError {
        kind: if kind == ErrorKind::RateLimited && is_spent(inner) { ErrorKind::Quota } else { kind },
        status,
        code: code.as_deref().or(type_).map(clean).filter(|code| !code.is_empty()),
        retry_after: retry_delay(inner),
        message: clean(&message),
    }
}

/// The provider's words.
fn message(value: &Value) -> Option<String> {
    let error = value.get("error").unwrap_or(&Value::Null);
    if error.is_object() {
        let said = words_of(error);
        // OpenRouter says "Provider returned error" and puts what was returned beside it.
        let raw = error.get("metadata").and_then(|metadata| text(metadata, "raw"));
        let upstream = raw.map(|raw| {
            serde_json::from_str(raw).ok().and_then(|raw| message_once(&raw)).unwrap_or_else(|| raw.to_owned())
        });
        return match (said, upstream) {
            (Some(said), Some(upstream)) if !said.contains(&upstream) => Some(format!("{said}: {upstream}")),
            (said, upstream) => said.or(upstream),
        };
    }
    message_once(value)
}

fn message_once(value: &Value) -> Option<String> {
    let error = value.get("error").unwrap_or(&Value::Null);
    words_of(error).filter(|_| error.is_object()).or_else(|| words_of(value)).or_else(|| words_of(error))
}

fn words_of(value: &Value) -> Option<String> {
    match value {
        Value::String(words) => Some(words.clone()).filter(|words| !words.trim().is_empty()),
        Value::Array(list) => {
            let all: Vec<String> = list.iter().take(5).filter_map(words_of).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(fields) => {
            ["message", "error_description", "detail", "details", "msg", "errors", "title", "description"]
                .iter()
                .find_map(|key| fields.get(*key).and_then(words_of))
        }
        _ => None,
    }
}

fn string_or_number(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Words from a body that is not JSON: a page's title, or the text itself.
fn plain(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(&body[..body.len().min(LIMIT)]);
    let body = body.trim_start_matches('\u{FEFF}').trim();
    if !body.starts_with('<') {
        return body.to_owned();
    }
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let begin = start + lower[start..].find('>')? + 1;
        let end = begin + lower[begin..].find("</title")?;
        body.get(begin..end)
    });
    title.unwrap_or_default().to_owned()
}

/// The title of a page, or nothing: what a server that should have streamed said instead.
pub(super) fn page_title(body: &[u8]) -> String {
    plain(body)
}

fn kind(code: Option<&str>, type_: Option<&str>, status: Option<u16>, message: &str) -> ErrorKind {
    let named = code.and_then(named_kind).or_else(|| type_.and_then(named_kind));
    if let Some(named) = named {
        return named;
    }
    let message = message.to_ascii_lowercase();
    let says = |hints: &[&str]| hints.iter().any(|hint| message.contains(hint));
    let too_long = says(&[
        "context length",
        "context window",
        "context size",
        "prompt is too long",
        "too many tokens",
        "input token count",
    ]);
    if too_long && matches!(status, None | Some(400 | 413 | 422 | 500)) {
        return ErrorKind::ContextLength;
    }
    if says(&["insufficient balance", "insufficient credit", "credit balance", "insufficient funds", "out of credits"])
    {
        return ErrorKind::Quota;
    }
    match status {
        Some(400) if says(&["api key not valid", "invalid api key", "incorrect api key"]) => ErrorKind::Unauthorized,
        Some(401) => ErrorKind::Unauthorized,
        Some(402) => ErrorKind::Quota,
        Some(403 | 451) => ErrorKind::Forbidden,
        Some(404 | 410) => ErrorKind::NotFound,
        Some(413) => ErrorKind::ContextLength,
        Some(429) => ErrorKind::RateLimited,
        Some(503 | 529) => ErrorKind::Overloaded,
        Some(408 | 500..) => ErrorKind::Server,
        Some(400..500) => ErrorKind::Invalid,
        Some(_) => ErrorKind::Malformed,
        None if type_.or(code).is_some_and(|name| name.to_ascii_lowercase().contains("invalid")) => ErrorKind::Invalid,
        None => ErrorKind::Server,
    }
}

/// The kind of an error whose provider gave it a name that says so; general names say nothing.
fn named_kind(name: &str) -> Option<ErrorKind> {
    let name = name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if name.starts_with(PLAN) && !has(&["usage_limit"]) {
        Some(ErrorKind::Forbidden)
    } else if has(&["insufficient_quota", "billing", "payment", "balance", "usage_limit", "insufficient_credits"]) {
        Some(ErrorKind::Quota)
    } else if has(&["rate_limit", "ratelimit", "resource_exhausted", "too_many_requests"]) {
        Some(ErrorKind::RateLimited)
    } else if has(&["context_length", "context_window", "string_above_max_length", "request_too_large"]) {
        Some(ErrorKind::ContextLength)
    } else if has(&[
        "invalid_api_key",
        "authentication",
        "unauthenticated",
        "unauthorized",
        "invalid_token",
        "expired_token",
        "token_expired",
    ]) {
        Some(ErrorKind::Unauthorized)
    } else if has(&["permission", "forbidden", "access_denied"]) {
        Some(ErrorKind::Forbidden)
    } else if has(&["not_found", "notfound"]) {
        Some(ErrorKind::NotFound)
    } else if has(&["overloaded", "capacity", "unavailable", "insufficient_system_resource"]) {
        Some(ErrorKind::Overloaded)
    } else if name.starts_with("image_") || has(&["_image", "invalid_prompt"]) {
        Some(ErrorKind::Invalid)
    } else if has(&["server_error", "api_error", "internal"]) {
        Some(ErrorKind::Server)
    } else {
        None
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    // A date is not a number and is passed over: it would need the server's clock to be right, and ours.
    let asked = number("retry-after-ms").map(|milliseconds| milliseconds / 1_000.0).or_else(|| number("retry-after"));
    asked.or_else(|| until_reset(headers)).and_then(wait)
}

/// The seconds until what is used up, requests or tokens, is there again: OpenAI's headers, for who sends no other.
fn until_reset(headers: &HeaderMap) -> Option<f64> {
    let header = |name: String| headers.get(name)?.to_str().ok();
    let reset = |what: &str| {
        header(format!("x-ratelimit-remaining-{what}")).filter(|left| left.trim() == "0")?;
        seconds(header(format!("x-ratelimit-reset-{what}"))?.trim())
    };
    ["requests", "tokens"].into_iter().filter_map(reset).reduce(f64::max)
}

/// A duration such as `6m0s`, `1.5s` or `12ms`.
fn seconds(text: &str) -> Option<f64> {
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let unit = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..unit].parse().ok()?;
        let end = rest[unit..].find(|character: char| character.is_ascii_digit()).map_or(rest.len(), |end| unit + end);
        seconds += number
            * match &rest[unit..end] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(seconds)
}

/// Google's `RetryInfo`: `"retryDelay": "34s"`.
fn retry_delay(error: &Value) -> Option<Duration> {
    let details = error.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| text(detail, "retryDelay"))?;
    delay.strip_suffix('s')?.parse().ok().and_then(wait)
}

/// Whether Google's `QuotaFailure` names a limit that waiting a little does not lift: a day's, or none at all.
fn is_spent(error: &Value) -> bool {
    let details = error.get("details").and_then(Value::as_array);
    let violations = details.into_iter().flatten().filter_map(|detail| detail.get("violations")?.as_array()).flatten();
    let mut spent = violations.map(|violation| {
        let daily = first_text(violation, &["quotaId", "subject"]).is_some_and(|id| id.contains("PerDay"));
        daily || string_or_number(violation, "quotaValue").as_deref() == Some("0")
    });
    spent.any(|spent| spent)
}

fn wait(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
#[path = "body/tests.rs"]
mod tests;
