/** How the windows look. Each window applies it to its own page; the others are told when one of them changes it. */
import * as commands from "../backend/commands";
import type { Appearance } from "../backend/types";

const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("patchbay-preferences");

class Preferences {
  appearance = $state<Appearance>("system");

  /** Reads and applies them. A failure leaves the system's own look: nothing depends on it. */
  load = async (): Promise<void> => {
    try {
      this.#apply((await commands.preferences()).appearance);
    } catch {
      this.#apply(this.appearance);
    }
  };

  async choose(appearance: Appearance): Promise<void> {
    const before = this.appearance;
    this.#apply(appearance);
    try {
      await commands.setAppearance(appearance);
      channel?.postMessage("changed");
    } catch (thrown) {
      this.#apply(before);
      throw thrown;
    }
  }

  /** Follows what other windows choose. A window that was not told finds out when it is looked at again. */
  follow(): void {
    channel?.addEventListener("message", this.load);
    window.addEventListener("focus", this.load);
  }

  #apply(appearance: Appearance): void {
    this.appearance = appearance;
    if (appearance === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = appearance;
  }
}

export const preferences = new Preferences();
