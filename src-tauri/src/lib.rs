//! The shell: everything that knows Tauri, and as little else as possible.
//!
//! Commands unpack their arguments, call [`patchbay_core::app::App`] and return what it returns. Windows, tray, links
//! and the browser are the native halves of what the core describes as data.

#![deny(missing_docs)]

mod commands;
mod deep_link;
mod logs;
mod ports;
mod preferences;
pub mod rendering;
mod state;
mod tray;
mod windows;

use std::sync::Arc;

use patchbay_core::app::{App, AppOptions};
use patchbay_core::error::{Code, Error};
use patchbay_core::ports::SystemClock;
use patchbay_core::vault::Keychain;
use patchbay_core::words::say;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_window_state::StateFlags;

use crate::preferences::PreferencesFile;
use crate::state::Patchbay;
use crate::windows::Label;

/// Runs the application until its last window is closed or it is told to quit.
pub fn run() -> tauri::Result<()> {
    logs::guard_panics();
    let builder = tauri::Builder::default()
        // First, so that a second process ends before it has done anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| second_start(app, arguments)))
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_store::Builder::new().build())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_filename("windows.json")
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        );
    // On Linux the entry is our own (see `desktop_entry`) and the link is an argument, so the plugin would only
    // broadcast it to whoever listens.
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_deep_link::init());

    builder
        .manage(windows::Latest::default())
        .invoke_handler(commands::handler())
        .on_window_event(windows::follow)
        .setup(|app| set_up(app.handle()))
        .run(tauri::generate_context!())
}

fn set_up(app: &AppHandle) -> Result<(), Box<dyn std::error::Error>> {
    logs::start(app);
    let (preferences, notice) = PreferencesFile::open(app, &app.path().app_config_dir()?)?;
    let patchbay = Patchbay::new(preferences);
    if let Some(notice) = notice {
        patchbay.tell(notice);
    }
    app.manage(patchbay);

    // The page loads in a process of its own while the core is opened; its first command waits for both.
    windows::show(app, Label::Chat);
    tauri::async_runtime::block_on(open_core(app));
    #[cfg(target_os = "macos")]
    deep_link::listen(app);
    deep_link::register(app);
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    if let Some(link) = deep_link::link_in(&arguments) {
        deep_link::receive(app, link);
    }
    Ok(())
}

/// Opens the core, and the tray with it. A failure is kept for the windows to show.
async fn open_core(app: &AppHandle) {
    let patchbay = app.state::<Patchbay>();
    let folders = app.path().app_data_dir().and_then(|data_dir| Ok((data_dir, app.path().app_config_dir()?)));
    let Ok((data_dir, config_dir)) = folders else {
        return patchbay.failed(Error::new(Code::NoDatabase, say("shell-no-home")));
    };
    let core = App::open(AppOptions {
        data_dir,
        config_dir,
        browser: Arc::new(ports::DesktopBrowser(app.clone())),
        clock: Arc::new(SystemClock),
        backend: Arc::new(Keychain::new("app.patchbay")),
        scheme: deep_link::SCHEME.to_owned(),
        development: cfg!(debug_assertions),
    });
    match core.await {
        Ok(core) => {
            if patchbay.opened(&core) {
                tray::start(app, core);
            }
        }
        Err(error) => {
            tracing::error!(code = ?error.code, "the core could not be opened");
            patchbay.failed(error);
        }
    }
}

/// Another process was started and handed its arguments over. They wait for the main thread, which takes them once
/// this process is set up.
fn second_start(app: &AppHandle, arguments: Vec<String>) {
    let handle = app.clone();
    let waiting = app.run_on_main_thread(move || match deep_link::link_in(&arguments) {
        Some(link) => deep_link::receive(&handle, link),
        None => windows::show_latest(&handle),
    });
    if let Err(error) = waiting {
        tracing::warn!(%error, "a second start was not heard");
    }
}
