//! Providers, connections, sign-ins and where credentials are kept.

use patchbay_core::ids::{ConnectionId, ProviderId, SignInId};
use patchbay_core::oauth::{ReturnKind, SignInView};
use patchbay_core::pool::{ConnectionView, Disconnected, ProviderView};
use patchbay_core::vault::{Secret, VaultState};

use super::{Answer, Shared};

#[tauri::command]
pub(super) async fn providers(patchbay: Shared<'_>) -> Answer<Vec<ProviderView>> {
    Ok(patchbay.core()?.providers())
}

#[tauri::command]
pub(super) async fn connections(patchbay: Shared<'_>) -> Answer<Vec<ConnectionView>> {
    Ok(patchbay.core()?.connections())
}

#[tauri::command]
pub(super) async fn start_sign_in(
    patchbay: Shared<'_>,
    provider: ProviderId,
    reconnect: Option<ConnectionId>,
    return_kind: Option<ReturnKind>,
) -> Answer<SignInView> {
    patchbay.core()?.start_sign_in(&provider, reconnect, return_kind).await
}

#[tauri::command]
pub(super) async fn sign_ins(patchbay: Shared<'_>) -> Answer<Vec<SignInView>> {
    Ok(patchbay.core()?.sign_ins())
}

#[tauri::command]
pub(super) async fn open_browser_again(patchbay: Shared<'_>, sign_in: SignInId) -> Answer<()> {
    patchbay.core()?.open_browser_again(sign_in).await
}

#[tauri::command]
pub(super) async fn switch_return(patchbay: Shared<'_>, sign_in: SignInId, return_kind: ReturnKind) -> Answer<()> {
    patchbay.core()?.switch_return(sign_in, return_kind).await
}

#[tauri::command]
pub(super) async fn submit_sign_in(patchbay: Shared<'_>, sign_in: SignInId, text: Secret) -> Answer<()> {
    patchbay.core()?.submit_sign_in(sign_in, text.expose()).await
}

#[tauri::command]
pub(super) async fn retry_sign_in(patchbay: Shared<'_>, sign_in: SignInId) -> Answer<()> {
    patchbay.core()?.retry_sign_in(sign_in).await
}

#[tauri::command]
pub(super) async fn cancel_sign_in(patchbay: Shared<'_>, sign_in: SignInId) -> Answer<()> {
    patchbay.core()?.cancel_sign_in(sign_in).await;
    Ok(())
}

#[tauri::command]
pub(super) async fn add_key(
    patchbay: Shared<'_>,
    provider: ProviderId,
    key: Secret,
    label: Option<String>,
    base_url: Option<String>,
) -> Answer<ConnectionView> {
    patchbay.core()?.add_key(&provider, key, label, base_url).await
}

#[tauri::command]
pub(super) async fn replace_key(patchbay: Shared<'_>, connection: ConnectionId, key: Secret) -> Answer<ConnectionView> {
    patchbay.core()?.replace_key(connection, key).await
}

#[tauri::command]
pub(super) async fn rename_connection(patchbay: Shared<'_>, connection: ConnectionId, label: String) -> Answer<()> {
    patchbay.core()?.rename_connection(connection, &label).await
}

#[tauri::command]
pub(super) async fn disconnect(patchbay: Shared<'_>, connection: ConnectionId) -> Answer<Disconnected> {
    patchbay.core()?.disconnect(connection).await
}

#[tauri::command]
pub(super) async fn check_connection(patchbay: Shared<'_>, connection: ConnectionId) -> Answer<()> {
    patchbay.core()?.check_connection(connection).await
}

#[tauri::command]
pub(super) async fn vault(patchbay: Shared<'_>) -> Answer<VaultState> {
    Ok(patchbay.core()?.vault())
}

#[tauri::command]
pub(super) async fn use_session_vault(patchbay: Shared<'_>) -> Answer<VaultState> {
    Ok(patchbay.core()?.use_session_vault().await)
}

#[tauri::command]
pub(super) async fn retry_vault(patchbay: Shared<'_>) -> Answer<VaultState> {
    Ok(patchbay.core()?.retry_vault().await)
}
