//! The model dropdown and what is chosen in it.

use patchbay_core::ids::{ChatId, ConnectionId, ModelReference};
use patchbay_core::models::{Choice, Picker};

use super::{Answer, Shared};

#[tauri::command]
pub(super) async fn picker(patchbay: Shared<'_>) -> Answer<Picker> {
    Ok(patchbay.core()?.picker())
}

#[tauri::command]
pub(super) async fn refresh_models(patchbay: Shared<'_>, connection: ConnectionId) -> Answer<()> {
    patchbay.core()?.refresh_models(connection).await
}

#[tauri::command]
pub(super) async fn models_opened(patchbay: Shared<'_>) -> Answer<()> {
    patchbay.core()?.models_opened();
    Ok(())
}

#[tauri::command]
pub(super) async fn set_choice(patchbay: Shared<'_>, chat: ChatId, choice: Choice) -> Answer<()> {
    patchbay.core()?.set_choice(chat, choice).await
}

#[tauri::command]
pub(super) async fn set_default_model(patchbay: Shared<'_>, reference: Option<ModelReference>) -> Answer<()> {
    patchbay.core()?.set_default_model(reference).await
}
