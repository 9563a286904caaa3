//! Links that come back from the browser: the native half of [`patchbay_core::deep_link`].
//!
//! A link reaches this process as an argument of its own (cold), as the argument of a second process (warm, through the
//! single-instance plugin), or on macOS as an event. All three end in [`receive`], in Rust; no webview ever sees one,
//! and none is logged.

#[cfg(target_os = "linux")]
mod desktop_entry;

use patchbay_core::words::say;
use tauri::{AppHandle, Manager as _};

use crate::state::Patchbay;
use crate::windows;

/// The scheme of this build. A development build has one of its own, so that it never takes the links of the
/// installed application.
pub(crate) const SCHEME: &str = if cfg!(debug_assertions) { "app.patchbay.dev" } else { "app.patchbay" };

/// The link among the arguments of a process, if there is exactly one. Whether it is a good one the core decides.
pub(crate) fn link_in(arguments: &[String]) -> Option<String> {
    let mut links = arguments.iter().skip(1).filter(|argument| is_ours(argument));
    let link = links.next()?;
    links.next().is_none().then(|| link.clone())
}

fn is_ours(argument: &str) -> bool {
    argument.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
}

/// Hands a link to the core, which tells the windows what became of it. The window the person used last comes forward
/// at once: a sign-in goes on where it was started.
pub(crate) fn receive(app: &AppHandle, link: String) {
    windows::show_latest(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Ok(core) = app.state::<Patchbay>().core() {
            core.receive_link(&link).await;
        }
    });
}

/// Makes this executable the one that opens our links, at every start: it may have been moved since the last. Failing
/// is told and never stops anything, as a sign-in has other ways back.
pub(crate) fn register(app: &AppHandle) {
    let app = app.clone();
    // Off the main thread, as it may run programs of the desktop.
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(reason) = register_now(&app) {
            tracing::warn!(reason, "links could not be registered");
            app.state::<Patchbay>().tell(say("shell-links-unregistered"));
        }
    });
}

#[cfg(target_os = "linux")]
fn register_now(app: &AppHandle) -> Result<(), String> {
    desktop_entry::register(app, SCHEME)
}

#[cfg(windows)]
fn register_now(app: &AppHandle) -> Result<(), String> {
    use tauri_plugin_deep_link::DeepLinkExt as _;
    app.deep_link().register(SCHEME).map_err(|error| error.to_string())
}

/// macOS reads the scheme from the bundle; there is nothing to do at run time.
#[cfg(not(any(target_os = "linux", windows)))]
#[expect(clippy::unnecessary_wraps, reason = "the other platforms can fail")]
fn register_now(_app: &AppHandle) -> Result<(), String> {
    Ok(())
}

/// Listens to the links that macOS sends as events.
#[cfg(target_os = "macos")]
pub(crate) fn listen(app: &AppHandle) {
    use tauri_plugin_deep_link::DeepLinkExt as _;
    let handle = app.clone();
    app.deep_link().on_open_url(move |event| {
        for link in event.urls() {
            receive(&handle, link.into());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(rest: &[&str]) -> Vec<String> {
        std::iter::once("/usr/bin/patchbay").chain(rest.iter().copied()).map(str::to_owned).collect()
    }

    #[test]
    fn the_one_link_is_found() {
        let link = format!("{SCHEME}:/focus");
        assert_eq!(link_in(&arguments(&[&link])), Some(link.clone()));
        assert_eq!(link_in(&arguments(&["--flag", &link])), Some(link));
        assert!(link_in(&arguments(&[&format!("{}:/focus", SCHEME.to_uppercase())])).is_some(), "schemes have no case");
    }

    #[test]
    fn anything_else_is_not() {
        let link = format!("{SCHEME}:/focus");
        for rest in [vec![], vec!["--flag"], vec!["https://example.org/"], vec!["app.patchbay.other:/focus"]] {
            assert_eq!(link_in(&arguments(&rest)), None, "{rest:?} holds no link of ours");
        }
        assert_eq!(link_in(&arguments(&[&link, &link])), None, "two links come from nobody's browser");
        assert_eq!(link_in(&[link]), None, "the first argument is the program");
    }
}
