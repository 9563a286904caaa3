//! The three windows: made when they are asked for, brought forward when they exist.
//!
//! Every window shows the application's own pages and nothing else: it cannot be sent elsewhere, opens no window of
//! its own and downloads nothing.

use std::sync::{Mutex, PoisonError};

use patchbay_core::words::say;
use serde::Deserialize;
use tauri::webview::{Color, NewWindowResponse};
use tauri::{AppHandle, Manager as _, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

use crate::preferences::theme;
use crate::state::Patchbay;

/// The backgrounds of `ui/src/styles/tokens.css`, shown until the page is.
const LIGHT: Color = Color(0xFB, 0xFA, 0xF8, 0xFF);
const DARK: Color = Color(0x17, 0x16, 0x14, 0xFF);

/// Which window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Label {
    /// Chats.
    #[default]
    Chat,
    /// Providers and connections.
    Connections,
    /// Settings.
    Settings,
}

impl Label {
    const ALL: [Self; 3] = [Self::Chat, Self::Connections, Self::Settings];

    /// The label as capabilities and tests know it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Connections => "connections",
            Self::Settings => "settings",
        }
    }

    fn title(self) -> String {
        match self {
            Self::Chat => say("shell-title-chat"),
            Self::Connections => say("shell-title-connections"),
            Self::Settings => say("shell-title-settings"),
        }
    }

    fn size(self) -> (f64, f64) {
        match self {
            Self::Chat => (1080.0, 720.0),
            Self::Connections => (920.0, 660.0),
            Self::Settings => (640.0, 560.0),
        }
    }
}

/// The window the person used last, which is where a link should bring them back to.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Label>);

/// Shows a window, and logs when that does not work.
pub(crate) fn show(app: &AppHandle, label: Label) {
    if let Err(error) = bring_forward(app, label) {
        tracing::error!(%error, window = label.as_str(), "a window could not be shown");
    }
}

/// Shows the window the person used last, or the chat window once that one is closed.
pub(crate) fn show_latest(app: &AppHandle) {
    let latest = *app.state::<Latest>().0.lock().unwrap_or_else(PoisonError::into_inner);
    show(app, if app.get_webview_window(latest.as_str()).is_some() { latest } else { Label::Chat });
}

/// Keeps what is known of the windows true as they come and go.
pub(crate) fn follow(window: &tauri::Window, event: &WindowEvent) {
    let app = window.app_handle();
    match event {
        WindowEvent::Focused(true) => {
            if let Some(label) = Label::ALL.into_iter().find(|label| label.as_str() == window.label()) {
                *app.state::<Latest>().0.lock().unwrap_or_else(PoisonError::into_inner) = label;
            }
        }
        WindowEvent::Destroyed => app.state::<Patchbay>().forget(window.label()),
        _ => {}
    }
}

fn bring_forward(app: &AppHandle, label: Label) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(label.as_str()) {
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    let window = build(app, label)?;
    // The desktop's own theme is known only once there is a window; it is shown when it has the right colour.
    let dark = matches!(window.theme(), Ok(Theme::Dark));
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))?;
    window.show()
}

fn build(app: &AppHandle, label: Label) -> tauri::Result<WebviewWindow> {
    let (width, height) = label.size();
    let page = WebviewUrl::App(format!("index.html#{}", label.as_str()).into());
    WebviewWindowBuilder::new(app, label.as_str(), page)
        .title(label.title())
        .inner_size(width, height)
        .min_inner_size(420.0, 480.0)
        .center()
        .visible(false)
        .theme(theme(app.state::<Patchbay>().preferences.read().appearance))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()
}

fn is_own_page(url: &Url) -> bool {
    if cfg!(windows) {
        matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost")
    } else {
        url.scheme() == "tauri" && url.host_str() == Some("localhost")
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn a_window_shows_only_our_own_pages() {
        let allowed = |text: &str| is_own_page(&Url::parse(text).expect("a URL"));
        assert!(allowed("tauri://localhost/index.html#chat"));
        for elsewhere in [
            "https://example.org/",
            "http://localhost/",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
        ] {
            assert!(!allowed(elsewhere), "{elsewhere} is not ours");
        }
    }
}
