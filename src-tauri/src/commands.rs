//! The commands: what the interface can ask for.
//!
//! Each unpacks its arguments, calls the core and returns what it returns; `build.rs` and the capabilities say which
//! window may call which.

mod chats;
mod connections;
mod models;
mod settings;

use tauri::Wry;
use tauri::ipc::Invoke;

/// What a command returns.
type Answer<T> = Result<T, patchbay_core::error::Error>;

/// The shared state as a command receives it.
type Shared<'a> = tauri::State<'a, crate::state::Patchbay>;

/// All commands, for the builder.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        settings::startup,
        settings::subscribe,
        settings::preferences,
        settings::set_appearance,
        settings::show_window,
        settings::open_link,
        connections::providers,
        connections::connections,
        connections::start_sign_in,
        connections::sign_ins,
        connections::open_browser_again,
        connections::switch_return,
        connections::submit_sign_in,
        connections::retry_sign_in,
        connections::cancel_sign_in,
        connections::add_key,
        connections::replace_key,
        connections::rename_connection,
        connections::disconnect,
        connections::check_connection,
        connections::vault,
        connections::use_session_vault,
        connections::retry_vault,
        models::picker,
        models::refresh_models,
        models::models_opened,
        models::set_choice,
        models::set_default_model,
        chats::chats,
        chats::create_chat,
        chats::rename_chat,
        chats::delete_chat,
        chats::restore_chat,
        chats::open_chat,
        chats::send,
        chats::stop,
        chats::retry_answer,
        chats::watch_run,
    ]
}
