//! Declares the commands, so that each is refused to every window whose capability does not name it.

/// Every command of `src/commands/`; one that is missing here is refused everywhere.
const COMMANDS: &[&str] = &[
    "startup",
    "subscribe",
    // connections
    "providers",
    "connections",
    "start_sign_in",
    "sign_ins",
    "open_browser_again",
    "switch_return",
    "submit_sign_in",
    "retry_sign_in",
    "cancel_sign_in",
    "add_key",
    "replace_key",
    "rename_connection",
    "disconnect",
    "check_connection",
    "vault",
    "use_session_vault",
    "retry_vault",
    // models
    "picker",
    "refresh_models",
    "models_opened",
    "set_choice",
    "set_default_model",
    // chats
    "chats",
    "create_chat",
    "rename_chat",
    "delete_chat",
    "restore_chat",
    "open_chat",
    "send",
    "stop",
    "retry_answer",
    "watch_run",
    // settings
    "preferences",
    "set_appearance",
    "show_window",
    "open_link",
];

fn main() {
    // The interface is read into the binary: a new build of it is a new build of this crate.
    println!("cargo:rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
