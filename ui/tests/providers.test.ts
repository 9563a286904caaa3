/** Many providers: what the first screen offers, how the list is divided, and where a server of one's own is. */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import FirstStart from "../src/chat/FirstStart.svelte";
import { connections } from "../src/connections/connections.svelte";
import KeyForm from "../src/connections/KeyForm.svelte";
import ProviderList from "../src/connections/ProviderList.svelte";
import { clearMocks, FakeCore, settle } from "./core";
import { connectionView, providerView } from "./fixtures";

const local = providerView({ id: "here", name: "Here", group: "local", returns: [], takesNone: true, baseUrl: "http://127.0.0.1:1234/v1" });
let core: FakeCore;

beforeEach(() => {
  const cloud = Array.from({ length: 9 }, (_, index) => providerView({ id: `c${index}`, name: `Cloud ${index}`, returns: [] }));
  const own = providerView({ id: "own", name: "Own", group: "own", returns: [], baseUrl: null });
  connections.providers.value = [providerView({ group: "local" }), ...cloud, local, own];
  connections.list.value = [];
  core = new FakeCore({ connections: [], add_key: connectionView() });
});

afterEach(() => {
  cleanup();
  clearMocks();
  connections.providers.value = undefined;
  connections.list.value = undefined;
});

describe("many providers", () => {
  it("begins with sign-ins and the first four services", () => {
    render(FirstStart);
    expect(screen.getAllByRole("button").map((button) => button.getAttribute("aria-label") ?? button.textContent?.trim())).toEqual([
      "Sign in to Sandbox",
      ...[0, 1, 2, 3].map((index) => `Add key for Cloud ${index}`),
      "All providers",
    ]);
  });

  it("lists them by where they are", () => {
    render(ProviderList, { selection: undefined, onselect: vi.fn(), onadd: vi.fn() });
    const names = (list: string) => within(screen.getByRole("list", { name: list })).getAllByRole("button").map((row) => row.title);
    expect(names("All providers")).toHaveLength(9);
    expect(names("On this machine")).toEqual(["Sandbox", "Here"]);
    expect(names("Your own")).toEqual(["Own"]);
  });

  it("lets the person say at which port a server is", async () => {
    render(KeyForm, { provider: local, ondone: vi.fn(), oncancel: vi.fn() });
    const url = screen.getByRole<HTMLInputElement>("textbox", { name: "Base URL" });
    expect(url.value).toBe("http://127.0.0.1:1234/v1");
    expect(document.activeElement, "the address is there, so the key is next").toBe(screen.getByLabelText("API key"));
    await fireEvent.input(url, { target: { value: "http://127.0.0.1:9/v1" } });
    await fireEvent.click(screen.getByRole("button", { name: "Connect" }));
    await settle();
    expect(core.calls("add_key")).toEqual([{ provider: "here", key: "", label: null, baseUrl: "http://127.0.0.1:9/v1" }]);
  });

  it("has no address to ask for at a service, nor where a key is replaced", () => {
    render(KeyForm, { provider: providerView(), ondone: vi.fn(), oncancel: vi.fn() });
    render(KeyForm, { provider: local, replaces: connectionView(), ondone: vi.fn(), oncancel: vi.fn() });
    expect(screen.queryByRole("textbox", { name: "Base URL" })).toBeNull();
  });
});
