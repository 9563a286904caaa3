/**
 * The messages of one chat and the answer being written in it.
 *
 * Frames are kept until the next display frame and shown together; a window that is not looked at shows them a few
 * times a second, so nothing piles up.
 */
import * as commands from "../backend/commands";
import type { ChatId, ChatView, MessageView, RunFrame } from "../backend/types";
import { Entry } from "./entry.svelte";
import { mergeFrames } from "./frames";

const HIDDEN_MS = 250;

export class Conversation {
  readonly chat: ChatId;
  entries = $state.raw<readonly Entry[]>([]);
  /** An answer is being written. */
  running = $derived(this.entries.some((entry) => entry.view.state === "streaming"));

  readonly #onattached: () => void;
  #watching = false;
  #left = false;
  #waiting: RunFrame[] = [];
  #scheduled = false;

  /** `onattached` is called when listening has begun: what ended just before it would be missed. */
  constructor(view: ChatView, onattached: () => void) {
    this.chat = view.summary.id;
    this.#onattached = onattached;
    this.show(view);
  }

  /** Another chat is shown: the core ends the frames of this one, and those on their way come to nothing. */
  leave(): void {
    this.#left = true;
  }

  /** Frames are expected, or have come and are not shown yet. */
  get busy(): boolean {
    return this.#watching || this.#scheduled;
  }

  /** Shows what was read; messages already there keep their place and, while they are written, their text. */
  show(view: ChatView): void {
    if (!view.summary.running) this.#watching = false;
    const before = new Map(this.entries.map((entry) => [entry.id, entry]));
    this.entries = view.messages.map((message) => {
      const entry = before.get(message.id);
      if (!entry) return new Entry(message);
      // Our own frames know more of a running answer than a reading of it.
      if (!(this.#watching && entry.view.state === "streaming")) entry.update(message);
      return entry;
    });
    if (this.running) this.watch();
  }

  /** Adds messages that a command has just made. */
  add(messages: readonly MessageView[]): void {
    const known = new Set(this.entries.map((entry) => entry.id));
    const news = messages.filter((message) => !known.has(message.id)).map((message) => new Entry(message));
    if (news.length > 0) this.entries = [...this.entries, ...news];
    if (this.running) this.watch();
  }

  /** Listens to the running answer, once. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    commands
      .watchRun(this.chat, (frame) => this.#receive(frame))
      .then(this.#onattached, () => {
        // The chat is read again with its next event, which finds out how the answer ended.
        this.#watching = false;
      });
  }

  #receive(frame: RunFrame): void {
    if (this.#left) return;
    const last = this.#waiting.at(-1);
    if (last && last.message === frame.message) this.#waiting[this.#waiting.length - 1] = mergeFrames(last, frame);
    else this.#waiting.push(frame);
    if (frame.end) this.#watching = false;
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.visibilityState === "hidden") setTimeout(this.#flush, HIDDEN_MS);
    else requestAnimationFrame(this.#flush);
  }

  #flush = (): void => {
    this.#scheduled = false;
    const frames = this.#waiting;
    this.#waiting = [];
    for (const frame of frames) {
      const entry = this.entries.find((one) => one.id === frame.message);
      if (entry) entry.apply(frame);
      else if (frame.end) this.add([frame.end]);
    }
  };
}
