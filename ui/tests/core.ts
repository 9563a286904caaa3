/** A core for component tests: answers commands from a table, remembers what was asked, and can send events and frames. */
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import type { Channel } from "@tauri-apps/api/core";
import { tick } from "svelte";

import type { AppEvent, RunFrame } from "../src/backend/types";

type Values = Record<string, unknown>;
type Answers = Record<string, unknown | ((values: Values) => unknown)>;

export class FakeCore {
  asked: { command: string; values: Values }[] = [];
  answers: Answers;
  events: Channel<AppEvent> | undefined;
  run: Channel<RunFrame> | undefined;

  constructor(answers: Answers) {
    this.answers = answers;
    mockIPC(async (command, payload) => {
      const values = (payload ?? {}) as Values;
      this.asked.push({ command, values });
      if (command === "subscribe") this.events = values["channel"] as Channel<AppEvent>;
      if (command === "watch_run") this.run = values["channel"] as Channel<RunFrame>;
      const answer = this.answers[command];
      return typeof answer === "function" ? (answer as (values: Values) => unknown)(values) : (answer ?? null);
    });
  }

  /** How often a command was asked for, and with what. */
  calls(command: string): Values[] {
    return this.asked.filter((one) => one.command === command).map((one) => one.values);
  }

  async send(event: AppEvent): Promise<void> {
    this.events?.onmessage(event);
    await settle();
  }

  async frame(frame: RunFrame): Promise<void> {
    this.run?.onmessage(frame);
    await new Promise((done) => requestAnimationFrame(done));
    await settle();
  }
}

/** Lets everything that is under way arrive: answers, effects, the document. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) {
    await new Promise((done) => setTimeout(done, 0));
    await tick();
  }
}

export { clearMocks };
