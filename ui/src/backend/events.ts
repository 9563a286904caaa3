/** What changed in the core, heard once per window and handed to whoever listens here. Carries no state; see the stores. */
import { Channel, invoke } from "@tauri-apps/api/core";

import { toCommandError } from "./errors";
import type { AppEvent } from "./types";

type Listener = (event: AppEvent) => void;

const listeners = new Set<Listener>();

/** Starts hearing the core's events. Called once, when the window's view starts. */
export async function subscribe(): Promise<void> {
  const channel = new Channel<AppEvent>();
  channel.onmessage = (event) => {
    for (const listener of listeners) listener(event);
  };
  try {
    await invoke("subscribe", { channel });
  } catch (thrown) {
    throw toCommandError(thrown);
  }
}

/** Calls the listener for every event from now on; returns how to end that. */
export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
