/** The model dropdown: what it lists, how it filters, and all of it from the keyboard. */
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ModelReference } from "../src/backend/types";
import ModelPicker from "../src/models/ModelPicker.svelte";
import { models } from "../src/models/picker.svelte";
import { buildRows, isOption, offsets, step, visible } from "../src/models/rows";
import { violations } from "./axe";
import { clearMocks, FakeCore, settle } from "./core";
import { effectiveModel, modelGroup, pickerView } from "./fixtures";

const labels = (picker: ReturnType<typeof pickerView>, filter = "") =>
  buildRows(picker, filter, "use-default", Date.now()).map((row) => `${row.kind}: ${row.label}`);

describe("the rows", () => {
  it("begin with the default and go by connection", () => {
    expect(labels(pickerView())).toEqual([
      "default: Use default",
      "heading: One · 2 · listed 3 min ago",
      "model: Alpha",
      "model: Beta",
    ]);
  });

  it("say what is the matter and offer what to do", () => {
    const picker = pickerView([
      modelGroup({ error: "It did not answer." }),
      modelGroup({ connection: "c2", label: "Two", models: [], state: "needs_sign_in", fetchedAt: null }),
      modelGroup({ connection: "c3", label: "Three", models: [], loading: true, fetchedAt: null }),
      modelGroup({ connection: "c4", label: "Four", models: [] }),
    ]);
    expect(labels(picker).slice(2)).toEqual([
      "model: Alpha",
      "model: Beta",
      "note: It did not answer.",
      "action: List the models of One again",
      "heading: Two · signed out",
      "action: Sign in to Two again",
      "heading: Three · listing…",
      "note: Waiting for its models…",
      "heading: Four · listed 3 min ago",
      "note: It lists no chat models. Type the name of one to use it.",
    ]);
  });

  it("lead to the connections where there is none", () => {
    expect(labels(pickerView([]))).toEqual([
      "default: Use default",
      "note: Nothing is connected yet.",
      "action: Open Connections",
    ]);
  });

  it("are filtered by every word, in the name, the id, the connection and the provider", () => {
    const picker = pickerView([modelGroup(), modelGroup({ connection: "c2", label: "Two" })]);
    expect(labels(picker, "two alp")).toEqual(["heading: Two · 2 · listed 3 min ago", "model: Alpha"]);
    expect(labels(picker, "BETA")).toHaveLength(4);
    expect(labels(picker, "default")).toEqual(["default: Use default", "note: No listed model matches “default”.", "typed: Use “default” with One", "typed: Use “default” with Two"]);
  });

  it("let any model id be typed", () => {
    const rows = buildRows(pickerView(), "vendor/new-model", "use-default", 0);
    const typed = rows.find((row) => row.kind === "typed");
    expect(typed).toMatchObject({ label: "Use “vendor/new-model” with One", reference: { connection: "c1", model: "vendor/new-model" } });
    expect(labels(pickerView(), "two words")).toEqual(["note: No listed model matches “two words”."]);
  });

  it("are filtered fast", () => {
    const many = Array.from({ length: 5_000 }, (_, at) => ({ id: `vendor/model-${at}`, name: `Model ${at}`, context: null }));
    const picker = pickerView([modelGroup({ models: many })]);
    buildRows(picker, "warm", "use-default", 0);
    const begin = performance.now();
    const rows = buildRows(picker, "model 499", "use-default", 0);
    expect(rows.filter(isOption).length).toBe(15);
    expect(performance.now() - begin).toBeLessThan(50);
  });

  it("are in the document only where they are seen", () => {
    const many = Array.from({ length: 2_000 }, (_, at) => ({ id: `m${at}`, name: `M ${at}`, context: null }));
    const rows = buildRows(pickerView([modelGroup({ models: many })]), "", "use-default", 0);
    const tops = offsets(rows);
    expect(tops.at(-1)).toBe(36 + 32 + 2_000 * 32);
    const [from, to] = visible(tops, 32_000, 32_320);
    expect(to - from).toBeLessThan(30);
    expect(tops[from]).toBeLessThanOrEqual(32_000);
    expect(tops[to]).toBeGreaterThanOrEqual(32_320);
    expect(visible(tops, 0, 320)[0]).toBe(0);
    expect(visible([0], 0, 320)).toEqual([0, 0]);
  });

  it("are stepped through by option, stopping at the ends", () => {
    const rows = buildRows(pickerView(), "", "use-default", 0);
    expect([step(rows, -1, 1), step(rows, 0, 1), step(rows, 2, -1), step(rows, 3, 1), step(rows, 0, 10)]).toEqual([0, 2, 0, 3, 3]);
    expect(step([], -1, 1)).toBe(-1);
  });
});

describe("the dropdown", () => {
  let core: FakeCore;
  const onchoose = vi.fn<(reference: ModelReference | null) => Promise<void>>(async () => {});
  const onmakedefault = vi.fn<(reference: ModelReference) => Promise<void>>(async () => {});
  const onsignin = vi.fn();

  beforeEach(async () => {
    core = new FakeCore({
      picker: pickerView([
        modelGroup(),
        modelGroup({ connection: "c2", label: "Two", models: [], state: "needs_sign_in", fetchedAt: null }),
      ]),
    });
    await models.picker.refresh();
    render(ModelPicker, {
      label: "Model",
      model: effectiveModel(),
      first: "use-default",
      onchoose,
      onmakedefault,
      onsignin,
      onconnections: vi.fn(),
    });
  });

  afterEach(() => {
    cleanup();
    clearMocks();
    vi.clearAllMocks();
  });

  const combobox = () => screen.getByRole("combobox", { name: "Model" });
  const search = () => screen.getByRole("searchbox", { name: "Find a model" });
  const active = () => document.getElementById(search().getAttribute("aria-activedescendant") ?? "")?.getAttribute("aria-label");
  const press = async (key: string, more: object = {}) => {
    await fireEvent.keyDown(search(), { key, ...more });
    await settle();
  };
  const open = async () => {
    await fireEvent.click(combobox());
    await settle();
  };

  it("shows the state as its value", () => {
    expect(combobox().textContent?.trim()).toBe("Default: Alpha");
    expect(combobox().getAttribute("aria-expanded")).toBe("false");
  });

  it("opens at what is chosen, with the focus in the search, and has stale lists fetched", async () => {
    await open();
    expect(document.activeElement).toBe(search());
    expect(active()).toBe("Use default");
    expect(screen.getAllByRole("option").map((option) => option.getAttribute("aria-label"))).toEqual([
      "Use default",
      "Alpha",
      "Beta",
      "Sign in to Two again",
    ]);
    expect(core.calls("models_opened")).toHaveLength(1);
    expect(await violations()).toEqual([]);
  });

  it("is used with the keyboard alone", async () => {
    await fireEvent.keyDown(combobox(), { key: "ArrowDown" });
    await settle();
    await press("ArrowDown");
    expect(active()).toBe("Alpha");
    await press("End");
    expect(active()).toBe("Sign in to Two again");
    await press("ArrowDown");
    expect(active()).toBe("Sign in to Two again");
    await press("Home");
    expect(active()).toBe("Use default");
    await press("End");
    await press("ArrowUp");
    expect(active()).toBe("Beta");
    await press("Enter");
    expect(onchoose).toHaveBeenCalledExactlyOnceWith({ connection: "c1", model: "beta" });
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(document.activeElement).toBe(combobox());
  });

  it("searches as one types and chooses the first found", async () => {
    await open();
    await fireEvent.input(search(), { target: { value: "bet" } });
    await settle();
    expect(active()).toBe("Beta");
    await press("Enter");
    expect(onchoose).toHaveBeenCalledExactlyOnceWith({ connection: "c1", model: "beta" });
  });

  it("goes back to the default", async () => {
    await open();
    await fireEvent.click(screen.getByRole("option", { name: /^Use default/ }));
    expect(onchoose).toHaveBeenCalledExactlyOnceWith(null);
  });

  it("closes with Esc and changes nothing", async () => {
    await open();
    await press("Escape");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(onchoose).not.toHaveBeenCalled();
  });

  it("does not choose while a word is being composed", async () => {
    await open();
    await press("Enter", { isComposing: true });
    expect(onchoose).not.toHaveBeenCalled();
  });

  it("leads to the sign-in that is needed", async () => {
    await open();
    await fireEvent.click(screen.getByRole("option", { name: "Sign in to Two again" }));
    expect(onsignin).toHaveBeenCalledExactlyOnceWith("c2");
    expect(onchoose).not.toHaveBeenCalled();
  });

  it("makes the active model the default without choosing it", async () => {
    await open();
    await press("End");
    await press("ArrowUp");
    await fireEvent.click(screen.getByRole("button", { name: "Make Beta the default" }));
    expect(onmakedefault).toHaveBeenCalledExactlyOnceWith({ connection: "c1", model: "beta" });
    expect(onchoose).not.toHaveBeenCalled();
  });
});
