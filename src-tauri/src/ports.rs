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
    match reviewed(link) {
        Some(link) => open(app, &link),
        None => Err(BrowserError(say("shell-not-a-page"))),
    }
}

/// The link as it may be opened. A letter has an address, a subject and words: mail programs know further fields, and
/// some attach any file that a link names.
fn reviewed(link: &str) -> Option<Url> {
    let mut link = Url::parse(link).ok()?;
    match link.scheme() {
        "http" | "https" => Some(link),
        "mailto" => {
            let query = link.query().unwrap_or_default().to_owned();
            let kept: Vec<&str> = query.split('&').filter(|field| is_letter_field(field)).collect();
            link.set_query(Some(kept.join("&").as_str()).filter(|query| !query.is_empty()));
            link.set_fragment(None);
            Some(link)
        }
        _ => None,
    }
}

fn is_letter_field(field: &str) -> bool {
    let name = field.split_once('=').map_or(field, |(name, _)| name);
    ["to", "cc", "subject", "body"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn open(app: &AppHandle, page: &Url) -> Result<(), BrowserError> {
    // The opener's own error names the command it ran, and so the whole address: it is neither shown nor logged.
    app.opener().open_url(page.as_str(), None::<&str>).map_err(|_| BrowserError(say("shell-no-browser")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_attaches_nothing() {
        for (link, opened) in [
            ("https://a.test/?attach=x#y", "https://a.test/?attach=x#y"),
            ("mailto:a@b.test", "mailto:a@b.test"),
            ("mailto:a@b.test?subject=Hi%20you&Body=x", "mailto:a@b.test?subject=Hi%20you&Body=x"),
            ("MAILTO:a@b.test?attach=/home/me/.ssh/id_ed25519&subject=x", "mailto:a@b.test?subject=x"),
            ("mailto:?attachment=~/x&ATTACH=file:///x&bcc=c@d.test&%61ttach=x", "mailto:"),
        ] {
            assert_eq!(reviewed(link).map(String::from).as_deref(), Some(opened), "{link}");
        }
    }

    #[test]
    fn nothing_but_pages_and_letters_opens() {
        for link in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "app.patchbay:/focus",
            "app.patchbay.dev:/oauth/sandbox?code=c",
            "tauri://localhost/",
            "vscode://x",
            "--help",
            "-a",
            "/etc/passwd",
            "",
        ] {
            assert_eq!(reviewed(link), None, "{link}");
        }
    }
}
