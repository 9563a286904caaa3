/**
 * The core's commands, typed. Beside `events.ts` the only module that knows how the webview reaches the core.
 *
 * Every function rejects with a `CommandError` and with nothing else.
 */
import { Channel, invoke, type InvokeArgs } from "@tauri-apps/api/core";

import { toCommandError } from "./errors";
import type {
  Appearance,
  ChatId,
  ChatSummary,
  ChatView,
  Choice,
  ConnectionId,
  ConnectionView,
  Disconnected,
  MessageView,
  ModelReference,
  Picker,
  Preferences,
  ProviderId,
  ProviderView,
  ReturnKind,
  RunFrame,
  SignInId,
  SignInView,
  Startup,
  VaultState,
} from "./types";

/** The windows, as the shell labels them. */
export type WindowLabel = "chat" | "connections" | "settings";

async function call<T>(command: string, values?: InvokeArgs): Promise<T> {
  try {
    return await invoke<T>(command, values);
  } catch (thrown) {
    throw toCommandError(thrown);
  }
}

export const startup = () => call<Startup>("startup");

export const providers = () => call<ProviderView[]>("providers");
export const connections = () => call<ConnectionView[]>("connections");

export const startSignIn = (provider: ProviderId, reconnect: ConnectionId | null, returnKind: ReturnKind | null) =>
  call<SignInView>("start_sign_in", { provider, reconnect, returnKind });
export const signIns = () => call<SignInView[]>("sign_ins");
export const openBrowserAgain = (signIn: SignInId) => call<null>("open_browser_again", { signIn });
export const switchReturn = (signIn: SignInId, returnKind: ReturnKind) =>
  call<null>("switch_return", { signIn, returnKind });
export const submitSignIn = (signIn: SignInId, text: string) => call<null>("submit_sign_in", { signIn, text });
export const retrySignIn = (signIn: SignInId) => call<null>("retry_sign_in", { signIn });
export const cancelSignIn = (signIn: SignInId) => call<null>("cancel_sign_in", { signIn });

export const addKey = (provider: ProviderId, key: string, label: string | null, baseUrl: string | null) =>
  call<ConnectionView>("add_key", { provider, key, label, baseUrl });
export const replaceKey = (connection: ConnectionId, key: string) =>
  call<ConnectionView>("replace_key", { connection, key });
export const renameConnection = (connection: ConnectionId, label: string) =>
  call<null>("rename_connection", { connection, label });
export const disconnect = (connection: ConnectionId) => call<Disconnected>("disconnect", { connection });
export const checkConnection = (connection: ConnectionId) => call<null>("check_connection", { connection });

export const vault = () => call<VaultState>("vault");
export const useSessionVault = () => call<VaultState>("use_session_vault");
export const retryVault = () => call<VaultState>("retry_vault");

export const picker = () => call<Picker>("picker");
export const refreshModels = (connection: ConnectionId) => call<null>("refresh_models", { connection });
export const modelsOpened = () => call<null>("models_opened");
export const setChoice = (chat: ChatId, choice: Choice) => call<null>("set_choice", { chat, choice });
export const setDefaultModel = (reference: ModelReference | null) => call<null>("set_default_model", { reference });

export const chats = () => call<ChatSummary[]>("chats");
export const createChat = () => call<ChatSummary>("create_chat");
export const renameChat = (chat: ChatId, title: string) => call<null>("rename_chat", { chat, title });
export const deleteChat = (chat: ChatId) => call<null>("delete_chat", { chat });
export const restoreChat = (chat: ChatId) => call<null>("restore_chat", { chat });
export const openChat = (chat: ChatId) => call<ChatView>("open_chat", { chat });
export const send = (chat: ChatId, text: string) => call<MessageView[]>("send", { chat, text });
export const stop = (chat: ChatId) => call<null>("stop", { chat });
export const retryAnswer = (chat: ChatId) => call<MessageView[]>("retry_answer", { chat });

/** Hears the frames of the chat's running answer, if there is one. */
export function watchRun(chat: ChatId, onFrame: (frame: RunFrame) => void): Promise<null> {
  const channel = new Channel<RunFrame>();
  channel.onmessage = onFrame;
  return call<null>("watch_run", { chat, channel });
}

export const preferences = () => call<Preferences>("preferences");
export const setAppearance = (appearance: Appearance) => call<null>("set_appearance", { appearance });
export const showWindow = (label: WindowLabel) => call<null>("show_window", { label });
export const openLink = (url: string) => call<null>("open_link", { url });
