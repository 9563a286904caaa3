/** What needs no document: frames, days, sentences, numbers, errors, reading again. */
import { describe, expect, it } from "vitest";

import { CommandError, toCommandError } from "../src/backend/errors";
import type { MessageView, RunFrame } from "../src/backend/types";
import { applyFrame, contentOf, mergeFrames } from "../src/chat/frames";
import { later } from "../src/connections/sign-in.svelte";
import { groupByDay } from "../src/shared/days";
import { ago, count, duration, until } from "../src/shared/format";
import { Resource } from "../src/shared/resource.svelte";
import { Sentences } from "../src/shared/sentences";
import { windowOf } from "../src/views/window";
import { say } from "../src/words";
import { messageView, signInView } from "./fixtures";

const frame = (more: Partial<RunFrame>): RunFrame => ({
  message: "m",
  reset: false,
  closed: [],
  tail: "",
  reasoning: "",
  end: null,
  ...more,
});

describe("frames", () => {
  const start = (): ReturnType<typeof contentOf> => contentOf(messageView({ blocks: [] }));

  it("add closed blocks and replace the open one", () => {
    const content = start();
    applyFrame(content, frame({ closed: ["<p>a</p>"], tail: "<p>b</p>", reasoning: "x" }));
    applyFrame(content, frame({ closed: ["<p>b</p>"], tail: "", reasoning: "y" }));
    expect(content).toEqual({ blocks: ["<p>a</p>", "<p>b</p>"], tail: "", reasoning: "xy", generation: 0 });
  });

  it("begin anew when they say so", () => {
    const content = start();
    applyFrame(content, frame({ closed: ["old"], reasoning: "old" }));
    applyFrame(content, frame({ reset: true, closed: ["new"], tail: "open" }));
    expect(content).toEqual({ blocks: ["new"], tail: "open", reasoning: "", generation: 1 });
  });

  it("end with the message as stored, without touching what reads the same", () => {
    const content = start();
    applyFrame(content, frame({ closed: ["a"], tail: "b" }));
    applyFrame(content, frame({ end: messageView({ blocks: ["a", "b"] }) }));
    expect(content).toEqual({ blocks: ["a", "b"], tail: "", reasoning: "", generation: 0 });
  });

  it("end with the message as stored where the two differ", () => {
    const content = start();
    applyFrame(content, frame({ closed: ["a", "x"] }));
    applyFrame(content, frame({ end: messageView({ blocks: ["a"] }) }));
    expect(content.blocks).toEqual(["a"]);
    expect(content.generation).toBe(1);
  });

  it("show the same whether merged or one by one", () => {
    const end: MessageView = messageView({ blocks: ["a", "b", "c"], reasoning: "12" });
    const frames = [
      frame({ closed: ["stale"], reasoning: "0" }),
      frame({ reset: true, closed: ["a"], tail: "b", reasoning: "1" }),
      frame({ closed: ["b"], tail: "c", reasoning: "2" }),
      frame({ end }),
    ];
    for (let upTo = 1; upTo <= frames.length; upTo++) {
      const one = start();
      for (const each of frames.slice(0, upTo)) applyFrame(one, each);
      const merged = start();
      applyFrame(merged, frames.slice(0, upTo).reduce(mergeFrames));
      expect({ ...merged, generation: 0 }).toEqual({ ...one, generation: 0 });
    }
  });
});

describe("days", () => {
  const at = (day: number, hour: number) => new Date(2026, 2, day, hour).getTime();

  it("follow the calendar, not the hours", () => {
    const now = at(15, 1);
    const groups = groupByDay([at(15, 0), at(14, 23), at(14, 1), at(13, 23), at(9, 0), at(8, 23)], (time) => time, now);
    expect(groups.map((group) => [group.title, group.items.length])).toEqual([
      ["Today", 1],
      ["Yesterday", 2],
      ["Earlier this week", 2],
      [new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" }).format(at(8, 0)), 1],
    ]);
  });

  it("take a clock that runs behind for today", () => {
    expect(groupByDay([at(16, 0)], (time) => time, at(15, 0)).map((group) => group.title)).toEqual(["Today"]);
  });

  it("are none without items", () => {
    expect(groupByDay([], () => 0, 0)).toEqual([]);
  });
});

describe("sentences", () => {
  it("come out whole and once", () => {
    const sentences = new Sentences();
    expect(sentences.tail("It costs 3.")).toBe("");
    expect(sentences.tail("It costs 3.5 euros")).toBe("");
    expect(sentences.tail("It costs 3.5 euros. And th")).toBe("It costs 3.5 euros.");
    expect(sentences.tail("It costs 3.5 euros. And that is")).toBe("");
    expect(sentences.closed("It costs 3.5 euros. And that is all.")).toBe("And that is all.");
    expect(sentences.tail("Next one! B")).toBe("Next one!");
  });

  it("know other scripts", () => {
    expect(new Sentences().tail("今日は。明")).toBe("今日は。");
  });
});

describe("numbers and times", () => {
  it("are said the way people say them", () => {
    expect([950, 1_000, 1_234, 9_960, 32_000, 200_000, 999_600, 1_048_576].map(count)).toEqual([
      "950",
      "1k",
      "1.2k",
      "10k",
      "32k",
      "200k",
      "1M",
      "1M",
    ]);
    expect([800, 3_240, 12_400, 125_000].map(duration)).toEqual(["0.8 s", "3.2 s", "12 s", "2 min 5 s"]);
    expect(ago(0, 30_000)).toBe("just now");
    expect(ago(0, 180_000)).toBe("3 min ago");
    expect(ago(0, 5 * 3_600_000)).toBe("5 h ago");
    expect(until(40 * 60_000, 0)).toBe("in 40 min");
    expect(until(0, 10)).toBe("now");
  });
});

describe("errors", () => {
  it("keep the core's code and words", () => {
    expect(toCommandError({ code: "no_keychain", message: "Locked." })).toMatchObject({ code: "no_keychain", message: "Locked." });
  });

  it("never show anything else as it is", () => {
    for (const thrown of ["panicked at src/lib.rs", new TypeError("x is undefined"), undefined, { code: "other" }, { code: "new", message: "" }]) {
      const error = toCommandError(thrown);
      expect(error.code).toBe("other");
      expect(error.message).toBe(say("ui-error-unknown"));
    }
  });

  it("pass through once made, and take an unknown code as other", () => {
    const error = new CommandError("not_found", "Gone.");
    expect(toCommandError(error)).toBe(error);
    expect(toCommandError({ code: "invented", message: "Words." })).toMatchObject({ code: "other", message: "Words." });
  });
});

describe("reading again", () => {
  it("never overlaps and never loses the last request", async () => {
    let running = 0;
    let most = 0;
    let reads = 0;
    const releases: (() => void)[] = [];
    const resource = new Resource(async () => {
      most = Math.max(most, ++running);
      const mine = ++reads;
      await new Promise<void>((done) => releases.push(done));
      running -= 1;
      return mine;
    });
    const first = resource.refresh();
    const rest = [resource.refresh(), resource.refresh(), resource.refresh()];
    releases.shift()?.();
    await first;
    await Promise.resolve();
    releases.shift()?.();
    await Promise.all(rest);
    expect({ most, reads, value: resource.value }).toEqual({ most: 1, reads: 2, value: 2 });
  });

  it("keeps what was read when a later reading fails", async () => {
    let fail = false;
    const resource = new Resource(() => (fail ? Promise.reject({ code: "other", message: "No." }) : Promise.resolve(1)));
    await resource.refresh();
    fail = true;
    await resource.refresh();
    expect([resource.value, resource.error?.message]).toEqual([1, "No."]);
    fail = false;
    await resource.refresh();
    expect(resource.error).toBeUndefined();
  });
});

describe("a sign-in whose answer and event crossed", () => {
  it("is shown as far as it has come", () => {
    const waiting = signInView({ stage: "waiting" });
    const checking = signInView({ stage: "checking" });
    expect(later(waiting, checking)).toBe(checking);
    expect(later(checking, waiting)).toBe(checking);
    expect(later(waiting, undefined)).toBe(waiting);
  });
});

describe("the window", () => {
  it("is the one the shell names", () => {
    expect(["#chat", "#connections", "#settings", "", "#unknown"].map(windowOf)).toEqual([
      "chat",
      "connections",
      "settings",
      "chat",
      "chat",
    ]);
  });
});
