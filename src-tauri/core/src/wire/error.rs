//! What a provider answers when it does not answer.

use std::time::Duration;

use super::body::PLAN;
use super::cleaning::clean;
use crate::words::say_with;

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The credential was not accepted.
    Unauthorized,
    /// The credential may not do this.
    Forbidden,
    /// There is no such model, or no such address.
    NotFound,
    /// Too many requests for now.
    RateLimited,
    /// Nothing left to spend; waiting does not help.
    Quota,
    /// The conversation does not fit into the model.
    ContextLength,
    /// The request was not accepted as it is.
    Invalid,
    /// Too busy for now.
    Overloaded,
    /// Something broke at the provider.
    Server,
    /// The stream ended before the answer did.
    Cut,
    /// What arrived is not what this wire format says.
    Malformed,
}

/// A provider's failure, whether it came as an HTTP status or inside a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}: {message}")]
pub struct ProviderError {
    /// What is the matter.
    pub kind: ErrorKind,
    /// The HTTP status, or the one that the stream spoke of.
    pub status: Option<u16>,
    /// The provider's own code.
    pub code: Option<String>,
    /// The provider's own words: one line, at most 500 characters, secrets masked; empty when it said nothing.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
}

impl ProviderError {
    /// An error with the provider's words, which are cleaned here.
    pub fn new(kind: ErrorKind, message: &str) -> Self {
        Self { kind, status: None, code: None, message: clean(message), retry_after: None }
    }

    /// Whether the same request may succeed soon. Whether repeating it is right is the caller's to know: never once
    /// text has been shown.
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            ErrorKind::RateLimited | ErrorKind::Overloaded | ErrorKind::Server => true,
            ErrorKind::Quota | ErrorKind::Unauthorized => false,
            _ => matches!(self.status, Some(408 | 409)),
        }
    }

    /// What happened and what to do, for the person.
    pub fn words(&self, provider_name: &str) -> String {
        let provider = ("provider", provider_name);
        let wait = self.retry_after.map(duration);
        if let Some(id) = self.code.as_deref().and_then(plan) {
            return say_with(id, &[provider]);
        }
        match (self.kind, &wait) {
            (ErrorKind::Unauthorized, _) => say_with("wire-unauthorized", &[provider]),
            (ErrorKind::Forbidden, _) => self.quoting(provider_name, "wire-forbidden"),
            (ErrorKind::NotFound, _) => self.quoting(provider_name, "wire-not-found"),
            (ErrorKind::RateLimited, Some(wait)) => say_with("wire-rate-limited-wait", &[provider, ("wait", wait)]),
            (ErrorKind::RateLimited, None) => say_with("wire-rate-limited", &[provider]),
            (ErrorKind::Quota, _) => self.quoting(provider_name, "wire-quota"),
            (ErrorKind::ContextLength, _) => self.quoting(provider_name, "wire-context-length"),
            (ErrorKind::Invalid, _) => self.quoting(provider_name, "wire-invalid"),
            (ErrorKind::Overloaded, Some(wait)) => say_with("wire-overloaded-wait", &[provider, ("wait", wait)]),
            (ErrorKind::Overloaded, None) => say_with("wire-overloaded", &[provider]),
            (ErrorKind::Server, _) => self.quoting(provider_name, "wire-server"),
            (ErrorKind::Cut, _) => say_with("wire-cut", &[provider]),
            (ErrorKind::Malformed, _) => self.quoting(provider_name, "wire-malformed"),
        }
    }

    fn quoting(&self, provider_name: &str, id: &str) -> String {
        let provider = ("provider", provider_name);
        let words = say_with(id, &[provider]);
        if self.message.is_empty() {
            return words;
        }
        format!("{words} {}", say_with("wire-says", &[provider, ("message", &self.message)]))
    }
}

/// The words for what OpenAI says of a `ChatGPT` plan: what to do is not what is done about a key.
fn plan(code: &str) -> Option<&'static str> {
    match code.strip_prefix(PLAN)? {
        "usage_limit_exceeded" => Some("wire-plan-usage-limit"),
        "user_not_eligible" => Some("wire-plan-not-eligible"),
        "route_not_supported" => Some("wire-plan-not-supported"),
        _ => None,
    }
}

/// A wait as people say it; never less than it is.
fn duration(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let (id, number) = match seconds {
        0..60 => ("wire-seconds", seconds.max(1)),
        60..3_600 => ("wire-minutes", seconds.div_ceil(60)),
        _ => ("wire-hours", seconds.div_ceil(3_600)),
    };
    say_with(id, &[("number", &number.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ErrorKind; 11] = [
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::RateLimited,
        ErrorKind::Quota,
        ErrorKind::ContextLength,
        ErrorKind::Invalid,
        ErrorKind::Overloaded,
        ErrorKind::Server,
        ErrorKind::Cut,
        ErrorKind::Malformed,
    ];

    #[test]
    fn every_kind_has_words() {
        for kind in KINDS {
            for wait in [None, Some(Duration::from_millis(11_200))] {
                let error = ProviderError { retry_after: wait, ..ProviderError::new(kind, "no \"x\" here") };
                let words = error.words("OpenAI");
                assert!(
                    words.starts_with("OpenAI") || words.contains(" OpenAI"),
                    "{kind:?} names the provider: {words}"
                );
                assert!(!words.contains("wire-") && !words.contains("{$"), "{kind:?} is in the catalogue: {words}");
            }
        }
    }

    #[test]
    fn a_plan_is_no_key() {
        let said = |code: &str| {
            let code = Some(format!("{PLAN}{code}"));
            ProviderError { code, ..ProviderError::new(ErrorKind::Quota, "no") }.words("OpenAI")
        };
        assert!(said("usage_limit_exceeded").contains("https://chatgpt.com/settings/usage"), "it says where to look");
        for code in ["usage_limit_exceeded", "user_not_eligible", "route_not_supported"] {
            assert!(said(code).contains("ChatGPT plan") && !said(code).contains("wire-"), "{}", said(code));
        }
        assert!(!said("anything_else").contains("ChatGPT plan"));
    }

    #[test]
    fn waiting_is_said_in_human_numbers() {
        let limited = |wait| ProviderError { retry_after: wait, ..ProviderError::new(ErrorKind::RateLimited, "x") };
        let words = limited(Some(Duration::from_millis(11_200))).words("OpenAI");
        assert_eq!(words, "OpenAI is limiting requests. Try again in 12 s, or choose another model.");
        assert_eq!(duration(Duration::from_millis(1)), "1 s");
        assert_eq!(duration(Duration::from_secs(90)), "2 min");
        assert_eq!(duration(Duration::from_hours(2)), "2 h");
        assert!(limited(None).words("OpenAI").contains("Wait a little"), "without a time it says so in general");
    }

    #[test]
    fn only_passing_trouble_is_repeated() {
        for kind in KINDS {
            let expected = matches!(kind, ErrorKind::RateLimited | ErrorKind::Overloaded | ErrorKind::Server);
            assert_eq!(ProviderError::new(kind, "").is_retryable(), expected, "{kind:?}");
        }
        let conflict = ProviderError { status: Some(409), ..ProviderError::new(ErrorKind::Invalid, "") };
        assert!(conflict.is_retryable(), "a conflict passes");
    }
}
