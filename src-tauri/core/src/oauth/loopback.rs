//! The loopback return (RFC 8252 7.3): a page on this machine that the browser is sent to.
//!
//! It listens on 127.0.0.1 and, where the machine has it, on `[::1]` at the same port, during one attempt only, and takes
//! one response. Any program and any web page on this machine can call it, so a request counts only with the exact path,
//! one of our host names (against DNS rebinding) and the attempt's own state; others are answered and change nothing.

mod page;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::{AuthorizationResponse, Outcome, Strictness};
use crate::providers::LoopbackDefinition;
use crate::vault::Secret;
use page::Page;

/// How long one connection may take, and how many may be open at once.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 16;
/// How much of a request's head is read.
const HEAD: usize = 16 * 1024;
/// How often the system may choose a port whose other half turns out to be taken.
const TRIES: usize = 8;

/// No port of the definition's is free.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PortsTaken;

/// Which request is the response.
pub(super) struct Expected {
    pub(super) path: String,
    pub(super) state: Secret,
    /// The state is the last part of the path, and not a parameter.
    pub(super) state_in_path: bool,
    /// The link that brings the window forward.
    pub(super) focus: String,
}

/// Sockets that listen but do not answer yet: the redirect URI needs the port first.
pub(super) struct Bound {
    pub(super) port: u16,
    sockets: Vec<TcpListener>,
}

/// Binds the first port of the definition's that is free, or one that the system chooses.
pub(super) async fn bind(definition: &LoopbackDefinition) -> Result<Bound, PortsTaken> {
    let any = [0; TRIES];
    let ports: &[u16] = if definition.ports.is_empty() { &any } else { &definition.ports };
    for port in ports {
        if let Some(bound) = bind_port(*port, definition.host.contains(':')).await {
            return Ok(bound);
        }
    }
    Err(PortsTaken)
}

async fn bind_port(port: u16, needs_six: bool) -> Option<Bound> {
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    let port = four.local_addr().ok()?.port();
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(six) => Some(Bound { port, sockets: vec![four, six] }),
        // Another program has it: a browser that prefers it would bring the code there.
        Err(error) if error.kind() == ErrorKind::AddrInUse => None,
        Err(_) if needs_six => None,
        Err(_) => Some(Bound { port, sockets: vec![four] }),
    }
}

impl Bound {
    /// Starts to answer. `deliver` is called with the one response and says whether it was taken.
    pub(super) fn serve(
        self,
        expected: Expected,
        deliver: impl Fn(AuthorizationResponse) -> bool + Send + Sync + 'static,
    ) -> Loopback {
        let port = self.port;
        let taken = Arc::new(AtomicBool::new(false));
        let attempt = Arc::new(Attempt {
            hosts: ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}")),
            path: Secret::new(expected.path),
            state: expected.state,
            state_in_path: expected.state_in_path,
            focus: expected.focus,
            taken: taken.clone(),
            deliver: Box::new(deliver),
        });
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let acceptors = self.sockets.into_iter().map(|socket| {
            let (attempt, room) = (attempt.clone(), room.clone());
            tokio::spawn(async move {
                while let Ok(permit) = room.clone().acquire_owned().await {
                    let Ok((stream, _)) = socket.accept().await else {
                        // Out of file handles, say: wait instead of spinning.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    };
                    let attempt = attempt.clone();
                    // Not bound to this loop, so that the page still arrives when the attempt ends with it.
                    tokio::spawn(async move {
                        let _permit = permit;
                        let _ = tokio::time::timeout(PATIENCE, connection(stream, attempt)).await;
                    });
                }
            })
        });
        Loopback { acceptors: acceptors.collect(), taken }
    }
}

/// The listening return of one attempt; closes when dropped.
pub(super) struct Loopback {
    acceptors: Vec<JoinHandle<()>>,
    taken: Arc<AtomicBool>,
}

impl Loopback {
    /// Takes another response: the one it took did not end the attempt.
    pub(super) fn reopen(&self) {
        self.taken.store(false, Ordering::SeqCst);
    }

    /// Closes and waits until the port is free again.
    pub(super) async fn close(mut self) {
        for acceptor in std::mem::take(&mut self.acceptors) {
            acceptor.abort();
            let _ = acceptor.await;
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.acceptors.iter().for_each(JoinHandle::abort);
    }
}

struct Attempt {
    hosts: [String; 3],
    path: Secret,
    state: Secret,
    state_in_path: bool,
    focus: String,
    taken: Arc<AtomicBool>,
    deliver: Box<dyn Fn(AuthorizationResponse) -> bool + Send + Sync>,
}

async fn connection(stream: TcpStream, attempt: Arc<Attempt>) {
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let response = attempt.answer(&request);
        async move { Ok::<_, Infallible>(response) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE / 2)
        .max_headers(64)
        .max_buf_size(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if served.is_err() {
        tracing::debug!("a connection to the loopback return ended early");
    }
}

impl Attempt {
    fn answer<T>(&self, request: &Request<T>) -> Response<Full<Bytes>> {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let host_is_ours = match (hosts.next(), hosts.next()) {
            (Some(host), None) => self.hosts.iter().any(|ours| host.as_bytes().eq_ignore_ascii_case(ours.as_bytes())),
            _ => false,
        };
        if !host_is_ours || !Secret::new(request.uri().path()).matches(&self.path) {
            return page::write(StatusCode::NOT_FOUND, Page::Missing, &self.focus);
        }
        if request.method() != Method::GET {
            let mut response = page::write(StatusCode::METHOD_NOT_ALLOWED, Page::Missing, &self.focus);
            response.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static("GET"));
            return response;
        }
        let pairs = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let Ok(mut response) = AuthorizationResponse::from_pairs(pairs, Strictness::Ignore) else {
            return page::write(StatusCode::BAD_REQUEST, Page::Other, &self.focus);
        };
        if self.state_in_path {
            response.state = Some(self.state.clone());
        }
        if !response.state.as_ref().is_some_and(|state| state.matches(&self.state)) {
            return page::write(StatusCode::BAD_REQUEST, Page::Other, &self.focus);
        }
        let page = match response.outcome {
            Outcome::Code(_) => Page::Received,
            Outcome::Refused { .. } => Page::Denied,
        };
        if self.taken.swap(true, Ordering::SeqCst) {
            return page::write(StatusCode::CONFLICT, Page::Other, &self.focus);
        }
        if !(self.deliver)(response) {
            self.taken.store(false, Ordering::SeqCst);
            return page::write(StatusCode::CONFLICT, Page::Other, &self.focus);
        }
        page::write(StatusCode::OK, page, &self.focus)
    }
}

#[cfg(test)]
mod tests;
