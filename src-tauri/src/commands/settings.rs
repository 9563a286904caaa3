//! Starting, preferences, windows and links.

use patchbay_core::error::Error;
use patchbay_core::event::AppEvent;
use patchbay_core::preferences::{Appearance, Preferences};
use patchbay_core::startup::Startup;
use patchbay_core::words::say;
use tauri::ipc::Channel;
use tauri::{AppHandle, WebviewWindow};

use super::{Answer, Shared};
use crate::state::{Feed, Patchbay};
use crate::windows::Label;
use crate::{ports, preferences, windows};

/// What a window needs to know first; answers also where the core could not be opened, and then says why.
#[tauri::command]
pub(super) async fn startup(app: AppHandle, patchbay: Shared<'_>) -> Answer<Startup> {
    open_again(&app, &patchbay).await;
    Ok(patchbay.startup())
}

/// Sends every change of state to the window from here on.
#[tauri::command]
pub(super) async fn subscribe(
    app: AppHandle,
    window: WebviewWindow,
    patchbay: Shared<'_>,
    channel: Channel<AppEvent>,
) -> Answer<()> {
    open_again(&app, &patchbay).await;
    let mut events = patchbay.core_for_window()?.events().listen();
    let task = tauri::async_runtime::spawn(async move {
        while let Some(event) = events.next().await {
            if channel.send(event).is_err() {
                return;
            }
        }
    });
    patchbay.feed(window.label(), Feed::Events, task);
    Ok(())
}

#[tauri::command]
pub(super) async fn preferences(patchbay: Shared<'_>) -> Answer<Preferences> {
    Ok(patchbay.preferences.read())
}

#[tauri::command]
pub(super) async fn set_appearance(app: AppHandle, patchbay: Shared<'_>, appearance: Appearance) -> Answer<()> {
    app.set_theme(preferences::theme(appearance));
    patchbay.preferences.set_appearance(appearance).map_err(|_| Error::other(say("shell-preferences-unsaved")))?;
    if let Ok(core) = patchbay.core() {
        core.events().send(AppEvent::Everything);
    }
    Ok(())
}

#[tauri::command]
pub(super) async fn show_window(app: AppHandle, label: Label) -> Answer<()> {
    windows::show(&app, label);
    Ok(())
}

#[tauri::command]
pub(super) async fn open_link(app: AppHandle, url: String) -> Answer<()> {
    ports::open_link(&app, &url).map_err(|error| Error::other(error.0))
}

/// A window that begins again after a failure asks for another try.
async fn open_again(app: &AppHandle, patchbay: &Patchbay) {
    if patchbay.tries_again() {
        crate::open_core(app).await;
    }
}
