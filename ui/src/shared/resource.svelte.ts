/**
 * Something read from the core that is read again when an event says so.
 *
 * Reads never overlap: any number of requests during one read cause exactly one more, so a burst of events costs
 * two reads and an old answer never replaces a newer one. What was last read stays while it is read again or fails.
 */
import { CommandError, toCommandError } from "../backend/errors";

export class Resource<T> {
  /** What was last read. */
  value = $state.raw<T | undefined>(undefined);
  /** Why the last read failed; cleared by one that succeeds. */
  error = $state.raw<CommandError | undefined>(undefined);

  readonly #read: () => Promise<T>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** Reads again. Resolves, never rejects, when a read that began after this call has ended. */
  refresh(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#once();
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#once();
      return this.#running;
    });
    return this.#next;
  }

  async #once(): Promise<void> {
    try {
      this.value = await this.#read();
      this.error = undefined;
    } catch (thrown) {
      this.error = toCommandError(thrown);
    } finally {
      this.#running = undefined;
    }
  }
}
