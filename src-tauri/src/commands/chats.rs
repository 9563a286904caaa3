//! Chats, their messages and the answer being written.

use patchbay_core::chat::{ChatSummary, ChatView, MessageView, RunFrame};
use patchbay_core::ids::ChatId;
use tauri::WebviewWindow;
use tauri::ipc::Channel;

use super::{Answer, Shared};
use crate::state::Feed;

#[tauri::command]
pub(super) async fn chats(patchbay: Shared<'_>) -> Answer<Vec<ChatSummary>> {
    patchbay.core()?.chats().await
}

#[tauri::command]
pub(super) async fn create_chat(patchbay: Shared<'_>) -> Answer<ChatSummary> {
    patchbay.core()?.create_chat().await
}

#[tauri::command]
pub(super) async fn rename_chat(patchbay: Shared<'_>, chat: ChatId, title: String) -> Answer<()> {
    patchbay.core()?.rename_chat(chat, &title).await
}

#[tauri::command]
pub(super) async fn delete_chat(patchbay: Shared<'_>, chat: ChatId) -> Answer<()> {
    patchbay.core()?.delete_chat(chat).await
}

#[tauri::command]
pub(super) async fn restore_chat(patchbay: Shared<'_>, chat: ChatId) -> Answer<()> {
    patchbay.core()?.restore_chat(chat).await
}

#[tauri::command]
pub(super) async fn open_chat(patchbay: Shared<'_>, chat: ChatId) -> Answer<ChatView> {
    patchbay.core()?.open_chat(chat).await
}

#[tauri::command]
pub(super) async fn send(patchbay: Shared<'_>, chat: ChatId, text: String) -> Answer<Vec<MessageView>> {
    patchbay.core()?.send(chat, &text).await
}

#[tauri::command]
pub(super) async fn stop(patchbay: Shared<'_>, chat: ChatId) -> Answer<()> {
    patchbay.core()?.stop(chat);
    Ok(())
}

#[tauri::command]
pub(super) async fn retry_answer(patchbay: Shared<'_>, chat: ChatId) -> Answer<Vec<MessageView>> {
    patchbay.core()?.retry_answer(chat).await
}

/// Sends what is written of the running answer from here on; ends with the run, and when the window watches another.
#[tauri::command]
pub(super) async fn watch_run(
    window: WebviewWindow,
    patchbay: Shared<'_>,
    chat: ChatId,
    channel: Channel<RunFrame>,
) -> Answer<()> {
    let Some(mut frames) = patchbay.core()?.watch_run(chat) else { return Ok(()) };
    let task = tauri::async_runtime::spawn(async move {
        while let Some(frame) = frames.next().await {
            if channel.send(frame).is_err() {
                return;
            }
        }
    });
    patchbay.feed(window.label(), Feed::Run, task);
    Ok(())
}
