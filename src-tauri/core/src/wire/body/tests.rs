//! Error bodies as they are met.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn failed(status: u16, body: &str) -> ProviderError {
    failure(status, &HeaderMap::new(), body.as_bytes())
}

fn waits(headers: &[(&str, &str)]) -> Option<Duration> {
    let headers = headers.iter().map(|(name, value)| {
        let name = HeaderName::try_from(*name).expect("it is a name");
        (name, HeaderValue::from_str(value).expect("it is a value"))
    });
    failure(429, &headers.collect(), b"{}").retry_after
}

/// A status and a body; what they are, with which code and words.
type Case = (u16, &'static str, ErrorKind, Option<&'static str>, &'static str);

fn are_read(cases: &[Case]) {
    for (status, body, kind, code, message) in cases {
        let error = failed(*status, body);
        let (got, expected) = ((error.kind, error.code.as_deref(), error.message.as_str()), (*kind, *code, *message));
        assert_eq!(got, expected, "{status} {body}");
        assert_eq!(error.status, Some(*status), "the answer's own status is kept: {body}");
    }
}

#[test]
fn bodies_of_many_shapes_are_read() {
    let cases = [
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-abcdefgh1234.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            ErrorKind::Unauthorized,
            Some("invalid_api_key"),
            "Incorrect API key provided: •••.",
        ),
        (
            401,
            r#"{"error":{"message":"You didn't provide an API key.","type":"invalid_request_error","code":null}}"#,
            ErrorKind::Unauthorized,
            Some("invalid_request_error"),
            "You didn't provide an API key.",
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            ErrorKind::Quota,
            Some("insufficient_quota"),
            "You exceeded your current quota.",
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#,
            ErrorKind::RateLimited,
            Some("rate_limit_exceeded"),
            "Rate limit reached",
        ),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
            ErrorKind::ContextLength,
            Some("context_length_exceeded"),
            "This model's maximum context length is 8192 tokens.",
        ),
        (
            400,
            r#"{"object":"error","message":"the maximum context length is 4096","type":"BadRequestError","code":400}"#,
            ErrorKind::ContextLength,
            Some("400"),
            "the maximum context length is 4096",
        ),
        (404, r#"{"error":"model 'x' not found"}"#, ErrorKind::NotFound, None, "model 'x' not found"),
        (402, r#"{"error":{"message":"Insufficient Balance"}}"#, ErrorKind::Quota, None, "Insufficient Balance"),
        (
            422,
            r#"{"detail":[{"loc":["body","x"],"msg":"field required"},{"msg":"extra"}]}"#,
            ErrorKind::Invalid,
            None,
            "field required; extra",
        ),
        (403, r#"{"detail":"Not allowed"}"#, ErrorKind::Forbidden, None, "Not allowed"),
        (
            401,
            r#"{"statusCode":401,"message":"Token expired","error":"Unauthorized"}"#,
            ErrorKind::Unauthorized,
            None,
            "Token expired",
        ),
        (503, r#"{"message":["one","two"]}"#, ErrorKind::Overloaded, None, "one; two"),
        (
            429,
            r#"[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34s"}]}}]"#,
            ErrorKind::RateLimited,
            Some("429"),
            "slow down",
        ),
        (
            502,
            r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"{\"error\":{\"message\":\"no GPU\"}}"}}}"#,
            ErrorKind::Server,
            Some("502"),
            "Provider returned error: no GPU",
        ),
        (
            502,
            "<html>\r\n<head><TITLE>502 Bad Gateway</TITLE></head><body>nginx</body></html>",
            ErrorKind::Server,
            None,
            "502 Bad Gateway",
        ),
        (500, "upstream connect error\n", ErrorKind::Server, None, "upstream connect error"),
        (529, "", ErrorKind::Overloaded, None, ""),
        (404, "null", ErrorKind::NotFound, None, ""),
        (418, "{\"error\":{}}", ErrorKind::Invalid, None, ""),
        (302, "moved", ErrorKind::Malformed, None, "moved"),
    ];
    are_read(&cases);
}

#[test]
fn a_vendor_s_own_names_are_known() {
    let cases = [
        (
            429,
            r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"5"},{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"100"}]},{"retryDelay":"34s"}]}}"#,
            ErrorKind::Quota,
            Some("429"),
            "You exceeded your current quota",
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            ErrorKind::ContextLength,
            Some("400"),
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        ),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#,
            ErrorKind::Overloaded,
            Some("overloaded_error"),
            "Overloaded",
        ),
        (
            402,
            r#"{"type":"error","error":{"type":"billing_error","message":"Payment is due."}}"#,
            ErrorKind::Quota,
            Some("billing_error"),
            "Payment is due.",
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#,
            ErrorKind::Quota,
            Some("invalid_request_error"),
            "Your credit balance is too low to access the API.",
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
            ErrorKind::ContextLength,
            Some("invalid_request_error"),
            "prompt is too long: 210000 tokens > 200000 maximum",
        ),
        (
            403,
            r#"{"detail":"subscription_sharing_user_not_eligible"}"#,
            ErrorKind::Forbidden,
            Some("subscription_sharing_user_not_eligible"),
            "subscription_sharing_user_not_eligible",
        ),
        (
            403,
            r#"{"detail":{"code":"subscription_sharing_route_not_supported","message":"Not here."}}"#,
            ErrorKind::Forbidden,
            Some("subscription_sharing_route_not_supported"),
            "Not here.",
        ),
        (
            429,
            r#"{"error":{"code":"subscription_sharing_usage_limit_exceeded","message":"Limit reached.","type":"x"}}"#,
            ErrorKind::Quota,
            Some("subscription_sharing_usage_limit_exceeded"),
            "Limit reached.",
        ),
    ];
    are_read(&cases);
}

#[test]
fn waits_are_read_and_nonsense_is_not() {
    assert_eq!(waits(&[("retry-after", "12")]), Some(Duration::from_secs(12)));
    assert_eq!(waits(&[("retry-after", "12"), ("retry-after-ms", "1500")]), Some(Duration::from_millis(1_500)));
    assert_eq!(waits(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
    assert_eq!(waits(&[("retry-after", "1e300")]), None, "no panic on what no duration can hold");
    assert_eq!(waits(&[("retry-after", "9999999999")]), Some(LONGEST_WAIT));
    for nonsense in ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "NaN", "inf", "soon", ""] {
        assert_eq!(waits(&[("retry-after", nonsense)]), None, "{nonsense:?} is passed over");
    }
    let reset = |left: &str, reset: &str| {
        waits(&[
            ("x-ratelimit-remaining-tokens", left),
            ("x-ratelimit-reset-tokens", reset),
            ("x-ratelimit-reset-requests", "9s"),
        ])
    };
    assert_eq!(reset("0", "6m1.5s"), Some(Duration::from_millis(361_500)));
    assert_eq!(reset("0", "12ms"), Some(Duration::from_millis(12)));
    assert_eq!(reset("7", "6m0s"), None, "there is some left");
    for nonsense in ["", "6", "s", "6x", "..s", "-1s", "6m0"] {
        assert_eq!(reset("0", nonsense), None, "{nonsense:?} is passed over");
    }
    let google =
        r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"},{"retryDelay":"34s"}]}}"#;
    assert_eq!(failed(429, google).retry_after, Some(Duration::from_secs(34)));
}

#[test]
fn a_status_inside_a_stream_counts() {
    let value = serde_json::json!({ "error": { "code": 503, "message": "busy" } });
    let error = from_value(&value, None);
    assert_eq!((error.kind, error.status), (ErrorKind::Overloaded, Some(503)));
    let error = from_value(&serde_json::json!({ "error": { "code": 7, "type": "invalid_request_error" } }), None);
    assert_eq!((error.kind, error.status), (ErrorKind::Invalid, None));
}

#[test]
fn a_success_may_be_an_error() {
    let errors = [
        r#"{"error":"no"}"#,
        r#"{"error":{"message":"no"},"choices":[]}"#,
        r#"{"object":"error","x":1}"#,
        r#"{"detail":"no"}"#,
    ];
    for body in errors {
        assert!(is_error(&serde_json::from_str(body).expect("it is JSON")), "{body}");
    }
    for body in [r#"{"error":null,"choices":[]}"#, r#"{"error":""}"#, r#"{"type":"ping"}"#, "{}", "[]", "3"] {
        assert!(!is_error(&serde_json::from_str(body).expect("it is JSON")), "{body}");
    }
}
