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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    const CAPABILITIES: [&str; 3] = [
        include_str!("../capabilities/chat.json"),
        include_str!("../capabilities/connections.json"),
        include_str!("../capabilities/settings.json"),
    ];

    /// What stands between the two marks, split at commas and with nothing but the name left.
    fn names<'a>(text: &'a str, from: &str, to: &str) -> BTreeSet<&'a str> {
        let list = text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(list, _)| list);
        let lines = list.expect("the list is there").lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .map(|line| line.trim_end_matches(',').trim_matches('"').rsplit("::").next().unwrap_or_default())
            .collect()
    }

    #[test]
    fn every_command_is_declared_and_some_window_may_call_it() {
        let handled = names(include_str!("commands.rs"), "generate_handler![", "]");
        let declared = names(include_str!("../build.rs"), "&[&str] = &[", "];");
        let permitted: BTreeSet<String> = CAPABILITIES
            .iter()
            .flat_map(|file| {
                let file: serde_json::Value = serde_json::from_str(file).expect("JSON");
                file["permissions"].as_array().expect("a list").clone()
            })
            .map(|permission| {
                let permission = permission.as_str().expect("a name");
                permission.strip_prefix("allow-").expect("only our own commands").replace('-', "_")
            })
            .collect();

        assert_eq!(handled, declared, "a command that build.rs does not declare is refused everywhere");
        assert_eq!(
            declared,
            permitted.iter().map(String::as_str).collect(),
            "a command that no capability names is dead, and a window may call nothing of Tauri's own"
        );
    }
}
