//! What the core needs from whatever runs it; the shell provides the real ones, tests their own.

use url::Url;

use crate::time::Timestamp;

/// Opens pages in the person's browser.
pub trait Browser: Send + Sync {
    /// Opens the page, or says in words why it could not.
    fn open(&self, page: &Url) -> Result<(), BrowserError>;
}

/// The browser could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the browser could not be started: {0}")]
pub struct BrowserError(pub String);

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::system()
    }
}
