//! The one HTTP client.
//!
//! It follows no redirect, so that a credential never travels to a host it was not meant for, and has no limit on the
//! whole of a request, because an answer may stream for long; what must end soon sets its own limit.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

/// Chooses the cryptography for TLS; calling it again does nothing.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The client.
pub fn client() -> Result<Client, reqwest::Error> {
    install_tls();
    Client::builder()
        .user_agent(concat!("Patchbay/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(120))
        .build()
}
