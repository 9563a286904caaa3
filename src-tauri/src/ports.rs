//! What the core needs from the desktop: the native half of [`patchbay_core::ports`].

use patchbay_core::ports::{Browser, BrowserError};
use patchbay_core::words::say;
use tauri::AppHandle;
use tauri_plugin_opener::OpenerExt as _;
use url::Url;

/// The browser the person has chosen for this desktop.
pub(crate) struct DesktopBrowser(pub(crate) AppHandle);

impl Browser for DesktopBrowser {
    fn open(&self, page: &Url) -> Result<(), BrowserError> {
        if !matches!(page.scheme(), "http" | "https") {
            return Err(BrowserError(say("shell-not-a-page")));
        }
        open(&self.0, page)
    }
}

/// Opens a link from a conversation: pages in the browser, addresses in the mail program, and nothing else.
pub(crate) fn open_link(app: &AppHandle, link: &str) -> Result<(), BrowserError> {
    match Url::parse(link) {
        Ok(link) if matches!(link.scheme(), "http" | "https" | "mailto") => open(app, &link),
        _ => Err(BrowserError(say("shell-not-a-page"))),
    }
}

fn open(app: &AppHandle, page: &Url) -> Result<(), BrowserError> {
    // The opener's own error names the command it ran, and so the whole address: it is neither shown nor logged.
    app.opener().open_url(page.as_str(), None::<&str>).map_err(|_| BrowserError(say("shell-no-browser")))
}
