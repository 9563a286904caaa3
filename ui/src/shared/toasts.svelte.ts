/** Things to tell the person that belong to no control. Errors stay until dismissed, the rest goes by itself. */
import { toCommandError } from "../backend/errors";

export interface Toast {
  id: number;
  message: string;
  tone: "plain" | "error";
  action?: { label: string; run: () => void };
}

const LIFE_MS = 10_000;
const MOST = 4;

class Toasts {
  list = $state<Toast[]>([]);
  #last = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows a message, with something to do about it if there is any. The same words are not shown twice at once. */
  show(message: string, action?: Toast["action"]): void {
    const same = this.list.find((toast) => toast.message === message && !action && !toast.action);
    if (same) this.dismiss(same.id);
    const id = this.#add({ message, tone: "plain", ...(action ? { action } : {}) });
    this.#timers.set(id, setTimeout(() => this.dismiss(id), LIFE_MS));
  }

  /** Shows why something failed. */
  fail(thrown: unknown): void {
    const { message } = toCommandError(thrown);
    if (!this.list.some((toast) => toast.message === message)) this.#add({ message, tone: "error" });
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Someone is reading or about to act: nothing goes away under their hand. */
  hold(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** They have moved on. */
  release(): void {
    for (const id of [...this.#timers.keys()]) {
      clearTimeout(this.#timers.get(id));
      this.#timers.set(id, setTimeout(() => this.dismiss(id), LIFE_MS));
    }
  }

  #add(toast: Omit<Toast, "id">): number {
    const id = ++this.#last;
    this.list = [...this.list, { id, ...toast }].slice(-MOST);
    return id;
  }
}

export const toasts = new Toasts();
