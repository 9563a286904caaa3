/** The sign-in dialog in every stage: what it says, what it offers, and that it never leaves the person without a way. */
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { connections } from "../src/connections/connections.svelte";
import SignInDialog from "../src/connections/SignInDialog.svelte";
import { signIns } from "../src/connections/sign-in.svelte";
import type { SignInView } from "../src/backend/types";
import { violations } from "./axe";
import { clearMocks, FakeCore, settle } from "./core";
import { signInView } from "./fixtures";

let core: FakeCore;
let current: SignInView;

beforeEach(() => {
  current = signInView();
  core = new FakeCore({ start_sign_in: () => current, sign_ins: () => [current] });
});

afterEach(() => {
  cleanup();
  clearMocks();
  vi.useRealTimers();
  signIns.attempt = undefined;
  signIns.list.value = undefined;
  connections.vault.value = undefined;
});

/** Starts a sign-in and shows its dialog, following the store as the window does. */
async function start(): Promise<void> {
  const started = signIns.start({ id: "sandbox", name: "Sandbox" });
  const { rerender } = render(SignInDialog, { attempt: signIns.attempt! });
  follow = async () => {
    if (signIns.attempt) await rerender({ attempt: signIns.attempt });
    else cleanup();
  };
  await started;
  await follow();
}

let follow: () => Promise<void> = async () => {};

/** The core's sign-in moves on and says so. */
async function move(change: Partial<SignInView>): Promise<void> {
  current = { ...current, ...change };
  signIns.hear({ kind: "sign_in_changed", sign_in: current.id });
  await settle();
  await follow();
  await settle();
}

const status = () => screen.getByRole("status").textContent?.trim();
const button = (name: string) => screen.queryByRole("button", { name });

describe("the dialog", () => {
  it("is named after the provider and passes axe", async () => {
    await start();
    expect(screen.getByRole("dialog", { name: "Sign in to Sandbox" })).toBeTruthy();
    expect(status()).toBe("Allow Patchbay on the Sandbox page that opened in your browser.");
    expect(await violations()).toEqual([]);
  });

  it("goes through the stages and says each", async () => {
    await start();
    await move({ stage: "exchanging" });
    expect(status()).toBe("Sandbox answered. Exchanging the code.");
    await move({ stage: "checking" });
    expect(status()).toBe("Making a real call to Sandbox.");
    await move({ stage: "connected", connection: "c1" });
    expect(status()).toBe("Connected to Sandbox.");
    await fireEvent.click(button("Done")!);
    expect(signIns.attempt).toBeUndefined();
    expect(core.calls("cancel_sign_in"), "what has ended is not cancelled").toEqual([]);
  });

  it("shows the paste after twelve seconds, not before", async () => {
    vi.useFakeTimers();
    current = signInView();
    await start();
    expect(screen.queryByRole("textbox", { name: "Paste the address or code" })).toBeNull();
    await vi.advanceTimersByTimeAsync(11_900);
    expect(screen.queryByRole("textbox", { name: "Paste the address or code" })).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(screen.getByRole("textbox", { name: "Paste the address or code" })).toBeTruthy();
  });

  it("shows the paste at once when the browser did not open", async () => {
    current = signInView({ browserOpened: false, error: "No browser could be started." });
    await start();
    expect(status()).toContain("No browser could be started.");
    expect(screen.getByRole("textbox", { name: "Paste the address or code" })).toBeTruthy();
    expect(button("Open the browser again")).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it("keeps what was pasted when the core does not take it", async () => {
    current = signInView({ returnKind: "paste" });
    core.answers["submit_sign_in"] = () => Promise.reject({ code: "other", message: "That is not an answer of Sandbox." });
    await start();
    const field = screen.getByRole<HTMLInputElement>("textbox", { name: "Paste the address or code" });
    await fireEvent.input(field, { target: { value: " code#state " } });
    await fireEvent.click(button("Use it")!);
    await settle();
    await follow();
    expect(core.calls("submit_sign_in")).toEqual([{ signIn: "s1", text: "code#state" }]);
    expect(status()).toContain("That is not an answer of Sandbox.");
    expect(field.value).toBe(" code#state ");
  });

  it("offers another return", async () => {
    current = signInView({ error: "The port is in use." });
    await start();
    await fireEvent.click(button("Use a page on this machine instead")!);
    expect(core.calls("switch_return")).toEqual([{ signIn: "s1", returnKind: "loopback" }]);
    expect(button("Come back by link instead")).toBeNull();
  });

  it("offers to repeat a step that may work the next time", async () => {
    await start();
    expect(button("Try again")).toBeNull();
    await move({ stage: "exchanging", error: "Sandbox did not answer.", canRetry: true });
    await fireEvent.click(button("Try again")!);
    expect(core.calls("retry_sign_in")).toEqual([{ signIn: "s1" }]);
  });

  it("begins anew after a failure for good", async () => {
    await start();
    await move({ stage: "failed", error: "You did not allow Patchbay." });
    expect(status()).toBe("You did not allow Patchbay.");
    await fireEvent.click(button("Start again")!);
    expect(core.calls("start_sign_in")).toHaveLength(2);
  });

  it("says why it could not begin", async () => {
    core.answers["start_sign_in"] = () => Promise.reject({ code: "other", message: "All ports are in use." });
    await start();
    expect(status()).toBe("All ports are in use.");
    expect(button("Start again")).toBeTruthy();
    expect(button("Cancel")).toBeTruthy();
  });

  it("cancels with Esc, with Cancel, and when it was closed before it had begun", async () => {
    await start();
    await fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
    expect(signIns.attempt).toBeUndefined();
    expect(core.calls("cancel_sign_in")).toEqual([{ signIn: "s1" }]);
    cleanup();

    const started = signIns.start({ id: "sandbox", name: "Sandbox" });
    signIns.close();
    await started;
    expect(signIns.attempt).toBeUndefined();
    expect(core.calls("cancel_sign_in")).toHaveLength(2);
  });

  it("goes when another attempt took its place", async () => {
    await start();
    await move({ stage: "cancelled" });
    expect(signIns.attempt).toBeUndefined();
  });

  it("offers the choice of the vault where no keychain can be used", async () => {
    await start();
    connections.vault.value = { kind: "unavailable", message: "Your keyring is locked." };
    await move({ stage: "exchanging", error: "Your keyring is locked.", canRetry: true });
    await fireEvent.click(button("Keep for this session only")!);
    expect(core.calls("use_session_vault")).toHaveLength(1);
    expect(screen.getAllByRole("button", { name: "Try again" })).toHaveLength(1);
  });
});
