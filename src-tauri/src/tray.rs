//! The tray: the native half of [`patchbay_core::tray`], which says what is in the menu.
//!
//! Labels, marks and states are changed in place, since rebuilding closes a menu that is open; only a menu of another
//! shape is built anew. Without a tray library or a place to show it the application runs on.

mod menu;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use patchbay_core::app::{App, WindowRequest};
use patchbay_core::event::AppEvent;
use patchbay_core::tray::Menu;
use tauri::image::Image;
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, Wry};
use tokio::sync::Notify;

use self::menu::NativeMenu;
use crate::windows::{self, Label};

const ID: &str = "patchbay";

/// macOS colours the shape itself.
const ICON: Image<'_> = if cfg!(target_os = "macos") {
    tauri::include_image!("../icons/tray-template.png")
} else {
    tauri::include_image!("../icons/tray.png")
};

/// Changes that come closer together than this are shown together.
const COALESCE: Duration = Duration::from_millis(50);

/// The tray as it stands.
struct Tray {
    icon: TrayIcon,
    shown: Mutex<NativeMenu<Wry>>,
    /// A mark was clicked: the desktop has toggled it by itself, so it may be wrong now.
    clicked: Notify,
}

/// Shows the tray and keeps it true from now on.
pub(crate) fn start(app: &AppHandle, core: Arc<App>) {
    if !has_library() {
        tracing::info!("no tray: neither libayatana-appindicator3 nor libappindicator3 is installed");
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // Before the first look, so that no change falls between.
        let mut events = core.events().listen();
        let mut shown = core.tray_menu().await;
        if let Err(error) = on_main_thread(&app, {
            let shown = shown.clone();
            move |app| create(app, &shown)
        })
        .await
        {
            tracing::warn!(%error, "no tray");
            return;
        }
        loop {
            let tray = app.state::<Tray>();
            let clicked = tokio::select! {
                event = events.next() => match event {
                    None => return,
                    Some(AppEvent::SignInChanged { .. } | AppEvent::Notice { .. }) => continue,
                    Some(_) => false,
                },
                () = tray.clicked.notified() => true,
            };
            // Whatever else comes now is in the same look.
            let _ = tokio::time::timeout(COALESCE, async { while events.next().await.is_some() {} }).await;
            let next = core.tray_menu().await;
            if clicked || next != shown {
                let menu = next.clone();
                if let Err(error) = on_main_thread(&app, move |app| update(app, &menu)).await {
                    tracing::warn!(%error, "the tray could not be changed");
                }
                shown = next;
            }
        }
    });
}

fn create(app: &AppHandle, menu: &Menu) -> tauri::Result<()> {
    let native = NativeMenu::build(app, menu)?;
    let icon = TrayIconBuilder::with_id(ID)
        .icon(ICON)
        .icon_as_template(cfg!(target_os = "macos"))
        .tooltip(&menu.tooltip)
        .menu(native.menu())
        .on_menu_event(|app, event| act(app, event.id().as_ref()))
        .build(app)?;
    app.manage(Tray { icon, shown: Mutex::new(native), clicked: Notify::new() });
    Ok(())
}

fn update(app: &AppHandle, menu: &Menu) -> tauri::Result<()> {
    let tray = app.state::<Tray>();
    let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
    if !shown.change_to(menu)? {
        let native = NativeMenu::build(app, menu)?;
        tray.icon.set_menu(Some(native.menu().clone()))?;
        *shown = native;
    }
    tray.icon.set_tooltip(Some(&menu.tooltip))
}

/// Does what a clicked entry says.
fn act(app: &AppHandle, entry: &str) {
    let (app, entry) = (app.clone(), entry.to_owned());
    tauri::async_runtime::spawn(async move {
        let patchbay = app.state::<crate::state::Patchbay>();
        let Ok(core) = patchbay.core() else { return };
        match core.tray_action(&entry).await {
            Ok(None) => {}
            Ok(Some(WindowRequest::Chat)) => windows::show(&app, Label::Chat),
            Ok(Some(WindowRequest::Connections)) => windows::show(&app, Label::Connections),
            Ok(Some(WindowRequest::Quit)) => app.exit(0),
            Err(error) => patchbay.tell(error.message),
        }
        app.state::<Tray>().clicked.notify_one();
    });
}

/// Menus belong to the main thread; this waits until it has done the work.
async fn on_main_thread(
    app: &AppHandle,
    work: impl FnOnce(&AppHandle) -> tauri::Result<()> + Send + 'static,
) -> tauri::Result<()> {
    let (done, result) = tokio::sync::oneshot::channel();
    let handle = app.clone();
    app.run_on_main_thread(move || {
        let _ = done.send(work(&handle));
    })?;
    // The main thread ends only with the application; nobody is left to tell then.
    result.await.unwrap_or(Ok(()))
}

/// Whether the library that shows a tray is installed. The binding to it panics where it is not.
#[cfg(target_os = "linux")]
fn has_library() -> bool {
    ["libayatana-appindicator3.so.1", "libappindicator3.so.1", "libayatana-appindicator3.so", "libappindicator3.so"]
        .into_iter()
        .any(can_load)
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "loading a library runs its initialisers; the tray is about to load the same one")]
fn can_load(library: &str) -> bool {
    // SAFETY: these libraries are made to be loaded this way by the tray itself, and their initialisers need nothing.
    unsafe { libloading::Library::new(library) }.is_ok()
}

#[cfg(not(target_os = "linux"))]
fn has_library() -> bool {
    true
}
