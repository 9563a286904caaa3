//! The socket and the routes.
//!
//! Connections are served by hand and not by `axum::serve`, because a provider that resets a connection is one of the
//! faults.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::fault::ResetConnection;
use super::state::State;
use super::{admin, authorize, chat, guard, listing, page, token};

/// Connections served at once; more wait.
const CONNECTIONS: usize = 512;

/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

/// Serves until it is aborted; with it end all its connections.
pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let router = router(state);
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: let some connections end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let router = router.clone();
        connections.spawn(async move {
            connection(stream, router).await;
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let Ok(handle) = SockRef::from(&stream).try_clone() else { return };
    let service = service_fn(|request| {
        let router = router.clone();
        let handle = &handle;
        async move {
            let response = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if response.extensions().get::<ResetConnection>().is_some() {
                // Closing with a linger of zero sends a reset in place of an orderly end.
                let _ = handle.set_linger(Some(Duration::ZERO));
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            Ok(response)
        }
    });
    // A client that goes away in the middle is its own business.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn router(state: Arc<State>) -> Router {
    let provider = Router::new()
        .route("/", get(page::home))
        .route("/style.css", get(page::style))
        .route("/.well-known/oauth-authorization-server", get(listing::metadata))
        .route("/.well-known/openid-configuration", get(listing::metadata))
        .route("/oauth/authorize", get(authorize::ask))
        .route("/oauth/consent", post(authorize::decide))
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(token::revoke))
        .route("/oauth/userinfo", get(token::userinfo))
        .route("/v1/models", get(listing::models))
        .route("/v1/chat/completions", post(chat::completions))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&state), guard::capture));
    Router::new()
        .merge(provider)
        .nest("/admin", admin::routes())
        .layer(DefaultBodyLimit::max(guard::BODY_LIMIT))
        .layer(axum::middleware::from_fn(guard::only_loopback))
        .with_state(state)
}
