//! The loopback return over real sockets.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::*;

struct Running {
    port: u16,
    loopback: Loopback,
    responses: mpsc::UnboundedReceiver<AuthorizationResponse>,
}

async fn running(state_in_path: bool) -> Running {
    let bound = bind(&LoopbackDefinition::default()).await.unwrap();
    let port = bound.port;
    let (sender, responses) = mpsc::unbounded_channel();
    let path = if state_in_path { "/oauth/callback/the-state" } else { "/oauth/callback" };
    let expected = Expected {
        path: path.to_owned(),
        state: Secret::new("the-state"),
        state_in_path,
        focus: "app.patchbay:/focus".to_owned(),
    };
    let loopback = bound.serve(expected, move |response| sender.send(response).is_ok());
    Running { port, loopback, responses }
}

async fn raw(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(port: u16, path: &str) -> String {
    raw(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")).await
}

#[tokio::test]
async fn one_response_is_taken_and_answered_with_a_page_that_keeps_nothing() {
    let mut running = running(false).await;
    let answer = get(running.port, "/oauth/callback?code=canary&state=the-state").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for expected in [
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "url=app.patchbay:/focus",
        "href=\"app.patchbay:/focus\"",
    ] {
        assert!(answer.contains(expected), "{expected} is missing in {answer}");
    }
    assert!(!answer.contains("canary") && !answer.contains("the-state") && !answer.contains("<script"));
    let response = running.responses.recv().await.unwrap();
    assert!(matches!(response.outcome, Outcome::Code(code) if code.expose() == "canary"));

    let again = get(running.port, "/oauth/callback?code=canary&state=the-state").await;
    assert!(again.starts_with("HTTP/1.1 409 "), "{again}");
    assert!(running.responses.try_recv().is_err(), "the second use was delivered");
}

#[tokio::test]
async fn everything_else_is_answered_and_does_not_end_the_attempt() {
    let mut running = running(false).await;
    let port = running.port;
    let good = "/oauth/callback?code=c&state=the-state";
    for (request, status) in [
        (format!("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET /oauth/callback/?code=c&state=the-state HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET {good} HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 404),
        (format!("GET {good} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 404),
        (format!("GET {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n"), 404),
        (format!("POST {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n"), 405),
        (format!("GET /oauth/callback HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 400),
        (format!("GET /oauth/callback?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 400),
        (format!("GET /oauth/callback?code=c&state=the-statf HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 400),
        (format!("GET {good}&code=d HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", "a".repeat(HEAD)), 431),
    ] {
        let answer = raw(port, &request).await;
        let shown = &request[..request.len().min(90)];
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")) || (status == 431 && answer.starts_with("HTTP/1.1 4")),
            "{shown}: {answer}"
        );
        assert!(running.responses.try_recv().is_err(), "{shown}: delivered");
    }
    let answer = raw(port, &format!("GET {good} HTTP/1.1\r\nHost: LOCALHOST:{port}\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "the right one still works: {answer}");
    assert!(running.responses.recv().await.is_some());
}

#[tokio::test]
async fn the_nonce_in_the_path_stands_for_the_state() {
    let mut running = running(true).await;
    assert!(get(running.port, "/oauth/callback/other?code=c").await.starts_with("HTTP/1.1 404 "));
    assert!(get(running.port, "/oauth/callback?code=c").await.starts_with("HTTP/1.1 404 "));
    assert!(get(running.port, "/oauth/callback/the-state?code=c").await.starts_with("HTTP/1.1 200 "));
    let response = running.responses.recv().await.unwrap();
    assert!(response.state.is_some_and(|state| state.matches(&Secret::new("the-state"))));
}

#[tokio::test]
async fn a_refusal_is_a_response() {
    let mut running = running(false).await;
    let answer = get(running.port, "/oauth/callback?error=access_denied&state=the-state").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("No access was given"), "{answer}");
    assert!(matches!(running.responses.recv().await.unwrap().outcome, Outcome::Refused { .. }));
}

#[tokio::test]
async fn a_taken_port_leads_to_the_next_and_a_closed_one_is_free_again() {
    let running = running(false).await;
    let free = bind(&LoopbackDefinition::default()).await.unwrap().port;
    let listed = |ports: &[u16]| LoopbackDefinition { ports: ports.to_vec(), ..LoopbackDefinition::default() };
    assert_eq!(bind(&listed(&[running.port])).await.err().map(|error| error == PortsTaken), Some(true));
    assert_eq!(bind(&listed(&[running.port, free])).await.ok().map(|bound| bound.port), Some(free));
    let port = running.port;
    running.loopback.close().await;
    assert_eq!(bind(&listed(&[port])).await.ok().map(|bound| bound.port), Some(port), "free at once");
}
