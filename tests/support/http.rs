//! The HTTP client of the tests.

use std::sync::Once;
use std::time::Duration;

use crate::{Context, Result};

static PROVIDER: Once = Once::new();

/// Chooses the TLS implementation, once; a client cannot be built before.
pub fn prepare_tls() {
    PROVIDER.call_once(|| {
        // Someone else in this process may have been first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// A client that follows no redirect, keeps cookies and uses no proxy.
pub fn client() -> Result<reqwest::Client> {
    prepare_tls();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .cookie_store(true)
        .no_proxy()
        .timeout(Duration::from_mins(1))
        .build()
        .context("an HTTP client")
}
