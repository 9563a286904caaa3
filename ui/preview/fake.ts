/** A core that remembers nothing and answers from one object. Only what is needed to look at the screens. */
import type { Channel } from "@tauri-apps/api/core";

import type {
  AppEvent,
  ChatSummary,
  ConnectionView,
  CoreError,
  MessageView,
  Picker,
  ProviderView,
  RunFrame,
  SignInView,
  Startup,
  VaultState,
} from "../src/backend/types";

/** Everything the made-up core knows. */
export interface Core {
  startup: Startup;
  appearance: "system" | "light" | "dark";
  providers: ProviderView[];
  connections: ConnectionView[];
  vault: VaultState;
  picker: Picker;
  chats: ChatSummary[];
  messages: Record<string, MessageView[]>;
  signIn: SignInView;
  signInStarted: boolean;
  /** Commands that fail, and with what. */
  failures: Record<string, CoreError>;
  /** What a running answer sends. */
  frames: RunFrame[];
  events?: Channel<AppEvent>;
}

export function answer(core: Core, command: string, values: Record<string, unknown>): unknown {
  const failure = core.failures[command];
  if (failure) throw failure;
  const chat = (id: unknown) => core.chats.find((one) => one.id === id);
  switch (command) {
    case "subscribe":
      core.events = values["channel"] as Channel<AppEvent>;
      return null;
    case "startup":
      return core.startup;
    case "preferences":
      return { appearance: core.appearance };
    case "providers":
      return core.providers;
    case "connections":
      return core.connections;
    case "vault":
      return core.vault;
    case "picker":
      return core.picker;
    case "chats":
      return [...core.chats];
    case "sign_ins":
      return core.signInStarted ? [core.signIn] : [];
    case "start_sign_in":
      core.signInStarted = true;
      return core.signIn;
    case "add_key":
    case "replace_key":
      return core.connections[0];
    case "disconnect":
      return { remoteError: null };
    case "create_chat": {
      const made = { ...core.chats[0]!, id: `new-${core.chats.length}`, title: "", updatedAt: Date.now(), running: false };
      core.chats.unshift(made);
      return made;
    }
    case "open_chat":
      return { summary: chat(values["chat"]), messages: core.messages[String(values["chat"])] ?? [] };
    case "delete_chat":
      core.chats = core.chats.filter((one) => one.id !== values["chat"]);
      return null;
    case "watch_run": {
      const channel = values["channel"] as Channel<RunFrame>;
      core.frames.forEach((frame, index) => setTimeout(() => channel.onmessage(frame), 20 * index));
      return null;
    }
    default:
      return null;
  }
}
