/** The chats of the sidebar, the one that is open, and what was typed but not sent in each of them. */
import { SvelteMap } from "svelte/reactivity";

import * as commands from "../backend/commands";
import { toCommandError, type CommandError } from "../backend/errors";
import type { AppEvent, ChatId, ChatSummary, ModelReference } from "../backend/types";
import { Resource } from "../shared/resource.svelte";
import { toasts } from "../shared/toasts.svelte";
import { say } from "../words";
import { Conversation } from "./conversation.svelte";

/** How long an event about our own opening of a chat may take to come back. */
const ECHO_MS = 2_000;
/** How long the last frame of an answer may take after the chat says that it has ended. */
const LAST_FRAME_MS = 1_000;
/** What was typed before there is a chat. */
const NO_CHAT = "";

class Chats {
  readonly list = new Resource(async () => {
    const all = await commands.chats();
    return all.sort((a, b) => b.updatedAt - a.updatedAt);
  });
  /** The chat the window is on; it may still be on its way. */
  currentId = $state<ChatId | null>(null);
  /** Its messages, once they are there. */
  conversation = $state.raw<Conversation | undefined>(undefined);
  /** Why it could not be opened. */
  error = $state.raw<CommandError | undefined>(undefined);

  /** The open chat as it was when it was opened, for as long as the list cannot be read. */
  #opened = $state.raw<ChatSummary | undefined>(undefined);

  readonly current = $derived<ChatSummary | undefined>(
    [...(this.list.value ?? []), this.#opened].find((chat) => chat !== undefined && chat.id === this.currentId),
  );

  readonly #drafts = new SvelteMap<string, string>();
  #echoes: { chat: ChatId; at: number }[] = [];
  #sending = new Set<ChatId>();

  async load(current: ChatId | null): Promise<void> {
    await this.list.refresh();
    if (current !== null) await this.open(current);
  }

  async open(chat: ChatId): Promise<void> {
    if (chat === this.currentId && this.conversation && !this.error) return;
    this.leave();
    this.currentId = chat;
    await this.#read(chat);
  }

  /** Reads the open chat's messages again. */
  async #read(chat: ChatId): Promise<void> {
    this.#echoes.push({ chat, at: Date.now() });
    try {
      const view = await commands.openChat(chat);
      if (this.currentId !== chat) return;
      this.error = undefined;
      this.#opened = view.summary;
      if (this.conversation?.chat === chat) this.conversation.show(view);
      else this.conversation = new Conversation(view, () => void this.#changed(chat));
      if (!this.list.value?.some((one) => one.id === chat)) await this.list.refresh();
    } catch (thrown) {
      this.#echoes = this.#echoes.filter((echo) => echo.chat !== chat);
      if (this.currentId !== chat) return;
      this.error = toCommandError(thrown);
      if (this.error.code === "not_found") {
        this.leave();
        toasts.fail(thrown);
        await this.list.refresh();
      }
    }
  }

  /** A new chat, or the open one when nothing was done with it yet. */
  async create(): Promise<void> {
    const { current, conversation } = this;
    const untouched =
      current !== undefined &&
      current.title === "" &&
      current.choice.kind === "default" &&
      conversation?.entries.length === 0 &&
      this.draft(current.id) === "";
    if (!untouched) await this.#make();
  }

  async #make(): Promise<ChatId> {
    const before = this.currentId;
    const summary = await commands.createChat();
    this.list.value = [summary, ...(this.list.value ?? []).filter((chat) => chat.id !== summary.id)];
    // What was typed before there was a chat is typed into this one.
    if (before === null) {
      this.keepDraft(summary.id, this.draft(null));
      this.keepDraft(null, "");
    }
    await this.open(summary.id);
    return summary.id;
  }

  /** Sends the text in the open chat, which is made if there is none. Rejects when the core did not take it. */
  async send(text: string): Promise<void> {
    const chat = this.currentId ?? (await this.#make());
    if (this.#sending.has(chat)) return;
    this.#sending.add(chat);
    try {
      const messages = await commands.send(chat, text);
      if (this.draft(chat) === text) this.keepDraft(chat, "");
      if (this.conversation?.chat === chat) this.conversation.add(messages);
    } finally {
      this.#sending.delete(chat);
      void this.#changed(chat);
    }
  }

  /** Answers the last message again. */
  async retry(): Promise<void> {
    const chat = this.currentId;
    if (chat === null) return;
    await commands.retryAnswer(chat);
    await this.#read(chat);
  }

  async stop(): Promise<void> {
    if (this.currentId !== null) await commands.stop(this.currentId);
  }

  /** Pins a model in the open chat, or puts it on the default. */
  async choose(reference: ModelReference | null): Promise<void> {
    const chat = this.currentId ?? (await this.#make());
    await commands.setChoice(chat, reference === null ? { kind: "default" } : { kind: "pinned", reference });
    await this.list.refresh();
  }

  async rename(chat: ChatId, title: string): Promise<void> {
    await commands.renameChat(chat, title);
    await this.list.refresh();
  }

  /** Deletes a chat and offers to take that back. */
  async remove(chat: ChatSummary): Promise<void> {
    await commands.deleteChat(chat.id);
    const wasOpen = this.currentId === chat.id;
    if (wasOpen) this.leave();
    await this.list.refresh();
    toasts.show(say("ui-chat-deleted", { title: chat.title || say("ui-new-chat") }), {
      label: say("ui-undo"),
      run: () => void this.#restore(chat.id, wasOpen).catch((thrown: unknown) => toasts.fail(thrown)),
    });
  }

  async #restore(chat: ChatId, open: boolean): Promise<void> {
    await commands.restoreChat(chat);
    await this.list.refresh();
    if (open && this.currentId === null) await this.open(chat);
  }

  /** Leaves the open chat for none. */
  leave(): void {
    this.conversation?.leave();
    this.currentId = null;
    this.conversation = undefined;
    this.error = undefined;
  }

  draft(chat: ChatId | null): string {
    return this.#drafts.get(chat ?? NO_CHAT) ?? "";
  }

  keepDraft(chat: ChatId | null, text: string): void {
    this.#drafts.set(chat ?? NO_CHAT, text);
  }

  hear(event: AppEvent): void {
    switch (event.kind) {
      case "chats_changed":
      case "connections_changed":
      case "default_model_changed":
      case "models_changed":
        void this.list.refresh();
        break;
      case "chat_changed":
        void this.#changed(event.chat);
        break;
      case "current_chat_changed":
        this.#follow(event.chat);
        break;
      case "everything":
        void this.list.refresh();
        if (this.currentId !== null) void this.#read(this.currentId);
        break;
      default:
    }
  }

  /** A chat changed: only a run that we do not know of, or whose end we missed, needs its messages again. */
  async #changed(chat: ChatId): Promise<void> {
    await this.list.refresh();
    const { conversation } = this;
    if (conversation === undefined || !this.#differs(chat, conversation)) return;
    // Usually the last frame is on its way and says it all.
    if (conversation.busy) await new Promise((done) => setTimeout(done, LAST_FRAME_MS));
    if (this.#differs(chat, conversation)) await this.#read(chat);
  }

  #differs(chat: ChatId, conversation: Conversation): boolean {
    if (chat !== this.currentId || conversation !== this.conversation || conversation.chat !== chat) return false;
    return !this.#sending.has(chat) && (this.current?.running ?? false) !== conversation.running;
  }

  /** Another chat became the current one, by the tray say. Our own openings come back here too and are ignored. */
  #follow(chat: ChatId | null): void {
    const now = Date.now();
    this.#echoes = this.#echoes.filter((echo) => now - echo.at < ECHO_MS);
    const echo = this.#echoes.findIndex((one) => one.chat === chat);
    if (echo !== -1) this.#echoes.splice(0, echo + 1);
    else if (chat !== null && chat !== this.currentId) void this.open(chat);
  }
}

export const chats = new Chats();
