/** The three windows over a made-up core: the names people rely on, nothing lost, honest states, and axe. */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { WindowLabel } from "../src/backend/commands";
import { chats } from "../src/chat/chats.svelte";
import { connections } from "../src/connections/connections.svelte";
import { signIns } from "../src/connections/sign-in.svelte";
import { toasts } from "../src/shared/toasts.svelte";
import Root from "../src/views/Root.svelte";
import { violations } from "./axe";
import { clearMocks, FakeCore, settle } from "./core";
import { chatSummary, connectionView, effectiveModel, messageView, modelGroup, pickerView, providerView, signInView } from "./fixtures";

let core: FakeCore;

const pinned = effectiveModel({ mark: "pinned", onDefault: false, name: "Beta", label: "Pinned: Beta", reference: { connection: "c1", model: "beta" } });
const question = messageView({ id: "q", role: "user", writtenBy: null, text: "Hello", blocks: ["<p>Hello</p>"] });

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  const list = [
    chatSummary({ choice: { kind: "pinned", reference: { connection: "c1", model: "beta" } }, model: pinned }),
    chatSummary({ id: "chat-2", title: "Second chat", updatedAt: 0 }),
    chatSummary({ id: "chat-3", title: "Third chat", updatedAt: 0 }),
  ];
  core = new FakeCore({
    startup: { version: "1.2.3", development: true, failure: null, notices: [], vault: { kind: "keychain", name: "Test Keyring" }, currentChat: "chat-1" },
    preferences: { appearance: "system" },
    providers: [providerView(), providerView({ id: "openai-compatible", name: "OpenAI-compatible", returns: [], takesNone: true, baseUrl: null, development: false })],
    connections: [connectionView()],
    vault: { kind: "keychain", name: "Test Keyring" },
    picker: pickerView([modelGroup()]),
    chats: () => list.map((chat) => ({ ...chat })),
    sign_ins: [],
    open_chat: ({ chat }: Record<string, unknown>) => ({
      summary: list.find((one) => one.id === chat),
      messages: chat === "chat-1" ? [question, messageView({ id: "a" })] : [],
    }),
    disconnect: { remoteError: null },
  });
});

afterEach(() => {
  cleanup();
  clearMocks();
  vi.unstubAllGlobals();
  chats.leave();
  chats.list.value = undefined;
  for (const chat of ["chat-1", "chat-2", null]) chats.keepDraft(chat, "");
  connections.list.value = undefined;
  connections.providers.value = undefined;
  signIns.attempt = undefined;
  for (const toast of [...toasts.list]) toasts.dismiss(toast.id);
});

async function show(label: WindowLabel): Promise<void> {
  render(Root, { label });
  await settle();
}

const button = (name: string) => screen.getByRole("button", { name });
const message = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });

async function write(text: string): Promise<void> {
  await fireEvent.input(message(), { target: { value: text } });
}

describe("the chat window", () => {
  it("has the names that people rely on, and passes axe", async () => {
    await show("chat");
    for (const name of ["New chat", "Connections", "Settings", "Send"]) expect(button(name)).toBeTruthy();
    expect(screen.getByRole("searchbox", { name: "Search chats" })).toBeTruthy();
    expect(within(screen.getByRole("list", { name: "Chats" })).getByRole("button", { name: "Second chat" })).toBeTruthy();
    expect(screen.getByRole("combobox", { name: "Model" }).textContent?.trim()).toBe("Pinned: Beta");
    const log = screen.getByRole("log", { name: "Conversation" });
    expect(within(log).getAllByRole("article").map((article) => article.getAttribute("aria-label"))).toEqual(["You", "Alpha"]);
    expect(within(log).getAllByRole("button", { name: "Copy" })).toHaveLength(2);
    expect(await violations()).toEqual([]);
  });

  it("sends with Enter, streams the answer and ends it as stored", async () => {
    const mine = messageView({ id: "q2", role: "user", writtenBy: null, text: "More", blocks: ["<p>More</p>"] });
    const answer = messageView({ id: "a2", blocks: [], text: "", state: "streaming" });
    core.answers["send"] = [mine, answer];
    await show("chat");
    await write("More");
    await fireEvent.keyDown(message(), { key: "Enter", shiftKey: true });
    expect(core.calls("send"), "Shift+Enter is a new line").toEqual([]);
    await fireEvent.keyDown(message(), { key: "Enter" });
    await settle();
    expect(core.calls("send")).toEqual([{ chat: "chat-1", text: "More" }]);
    expect(message().value).toBe("");
    expect(button("Stop")).toBeTruthy();

    await core.frame({ message: "a2", reset: true, closed: ["<p>One.</p>"], tail: "<p>Tw</p>", reasoning: "Hm.", end: null });
    const article = screen.getAllByRole("article").at(-1)!;
    const paragraphs = () => [...article.querySelectorAll(".prose p")].map((paragraph) => paragraph.textContent);
    expect(paragraphs()).toEqual(["One.", "Tw"]);
    const first = article.querySelector(".prose p");
    const stored = messageView({ id: "a2", blocks: ["<p>One.</p>", "<p>Two.</p>"], text: "One.\n\nTwo.", durationMs: 1_500 });
    await core.frame({ message: "a2", reset: false, closed: ["<p>Two.</p>"], tail: "", reasoning: "", end: stored });
    expect(paragraphs()).toEqual(["One.", "Two."]);
    expect(article.querySelector(".prose p"), "a closed block stays where it is").toBe(first);
    expect(button("Send")).toBeTruthy();
    expect(article.textContent).toContain("1.5 s");
    expect(await violations()).toEqual([]);
  });

  it("keeps the text when sending fails, and says why", async () => {
    core.answers["send"] = () => Promise.reject({ code: "other", message: "The disk is full." });
    await show("chat");
    await write("Precious words");
    await fireEvent.click(button("Send"));
    await settle();
    expect(message().value).toBe("Precious words");
    expect(screen.getByRole("alert").textContent).toBe("The disk is full.");
  });

  it("opens the dropdown when the model cannot be used", async () => {
    core.answers["send"] = () => Promise.reject({ code: "model_unavailable", message: "Beta is gone." });
    await show("chat");
    await write("Words");
    await fireEvent.click(button("Send"));
    await settle();
    expect(screen.getByRole("listbox", { name: "Model" })).toBeTruthy();
    expect(message().value).toBe("Words");
  });

  it("keeps a draft for each chat", async () => {
    await show("chat");
    await write("For the first");
    await fireEvent.click(button("Second chat"));
    await settle();
    expect(message().value).toBe("");
    await write("For the second");
    await fireEvent.click(button("First chat"));
    await settle();
    expect(message().value).toBe("For the first");
  });

  it("pins a model in this chat and in no other", async () => {
    await show("chat");
    await fireEvent.click(screen.getByRole("combobox", { name: "Model" }));
    await settle();
    await fireEvent.click(screen.getByRole("option", { name: "Alpha" }));
    await settle();
    expect(core.calls("set_choice")).toEqual([{ chat: "chat-1", choice: { kind: "pinned", reference: { connection: "c1", model: "alpha" } } }]);
    expect(core.calls("set_default_model")).toEqual([]);
  });

  it("never shows the default for a chat whose own model is not known", async () => {
    core.answers["chats"] = () => Promise.reject({ code: "other", message: "No list." });
    await show("chat");
    expect(screen.getByRole("combobox", { name: "Model" }).textContent?.trim()).toBe("Pinned: Beta");
    expect(screen.getByRole("alert").textContent).toBe("No list.");
  });

  it("follows the tray to another chat, and ignores the echo of its own opening", async () => {
    await show("chat");
    await fireEvent.click(button("Second chat"));
    await fireEvent.click(button("First chat"));
    await settle();
    await core.send({ kind: "current_chat_changed", chat: "chat-2" });
    expect(chats.currentId, "a late echo does not throw the person out").toBe("chat-1");
    await core.send({ kind: "current_chat_changed", chat: "chat-3" });
    expect(chats.currentId).toBe("chat-3");
  });

  it("deletes with a way back", async () => {
    await show("chat");
    await fireEvent.click(button("Actions for Second chat"));
    await settle();
    await fireEvent.click(screen.getByRole("menuitem", { name: "Delete" }));
    await settle();
    expect(core.calls("delete_chat")).toEqual([{ chat: "chat-2" }]);
    await fireEvent.click(button("Undo"));
    await settle();
    expect(core.calls("restore_chat")).toEqual([{ chat: "chat-2" }]);
  });

  it("renames in place with F2, and not with Esc", async () => {
    await show("chat");
    await fireEvent.keyDown(button("Second chat"), { key: "F2" });
    const field = screen.getByRole("textbox", { name: "Title" });
    await fireEvent.input(field, { target: { value: "Other" } });
    await fireEvent.keyDown(field, { key: "Escape" });
    expect(core.calls("rename_chat")).toEqual([]);
    await fireEvent.keyDown(button("Second chat"), { key: "F2" });
    const again = screen.getByRole("textbox", { name: "Title" });
    await fireEvent.input(again, { target: { value: "Other" } });
    await fireEvent.keyDown(again, { key: "Enter" });
    expect(core.calls("rename_chat")).toEqual([{ chat: "chat-2", title: "Other" }]);
  });

  it("tries a failed answer again, and says what went wrong", async () => {
    core.answers["open_chat"] = {
      summary: chatSummary(),
      messages: [question, messageView({ id: "a", state: "failed", remark: "It did not answer within 30 s." })],
    };
    await show("chat");
    expect(screen.getByText("It did not answer within 30 s.")).toBeTruthy();
    await fireEvent.click(button("Try again"));
    expect(core.calls("retry_answer")).toEqual([{ chat: "chat-1" }]);
  });

  it("gives code one button beside its language, and copies the code alone", async () => {
    const code = '<div class="code" data-language="toml"><span class="code-language">toml</span><pre><code class="language-toml">a = 1\n</code></pre></div>';
    const write = vi.fn(() => Promise.resolve());
    vi.stubGlobal("navigator", { clipboard: { writeText: write } });
    core.answers["open_chat"] = { summary: chatSummary(), messages: [question, messageView({ id: "a", blocks: [code] })] };
    await show("chat");
    expect(document.querySelectorAll(".code")).toHaveLength(1);
    expect(document.querySelector<HTMLElement>(".code")?.dir).toBe("ltr");
    await fireEvent.click(button("Copy code"));
    expect(write).toHaveBeenCalledWith("a = 1\n");
  });

  it("never leaves the focus nowhere: writing goes on after a deletion was taken back", async () => {
    await show("chat");
    expect(document.activeElement).toBe(message());
    button("Second chat").focus();
    await fireEvent.keyDown(button("Second chat"), { key: "Delete" });
    await settle();
    const undo = button("Undo");
    undo.focus();
    await fireEvent.click(undo);
    await settle();
    expect(document.activeElement).toBe(message());
  });

  it("opens links in the browser", async () => {
    core.answers["open_chat"] = {
      summary: chatSummary(),
      messages: [messageView({ blocks: ['<p><a href="https://example.com/x">link</a></p>'] })],
    };
    await show("chat");
    const allowed = await fireEvent.click(screen.getByRole("link", { name: "link" }));
    expect(allowed, "the page itself does not leave").toBe(false);
    expect(core.calls("open_link")).toEqual([{ url: "https://example.com/x" }]);
  });

  it("stops with Esc", async () => {
    core.answers["open_chat"] = { summary: chatSummary({ running: true }), messages: [question, messageView({ state: "streaming", blocks: [] })] };
    core.answers["chats"] = [chatSummary({ running: true })];
    await show("chat");
    await fireEvent.keyDown(document.body, { key: "Escape" });
    expect(core.calls("stop")).toEqual([{ chat: "chat-1" }]);
  });

  it("begins with the ways to connect, and signs in from there", async () => {
    core.answers["connections"] = [];
    core.answers["chats"] = [];
    core.answers["startup"] = { version: "1", development: true, failure: null, notices: [], vault: { kind: "unopened" }, currentChat: null };
    core.answers["start_sign_in"] = signInView();
    await show("chat");
    expect(button("Add key for OpenAI-compatible")).toBeTruthy();
    expect(await violations()).toEqual([]);
    await fireEvent.click(button("Sign in to Sandbox"));
    await settle();
    expect(core.calls("start_sign_in")).toEqual([{ provider: "sandbox", reconnect: null, returnKind: null }]);
    expect(screen.getByRole("dialog", { name: "Sign in to Sandbox" })).toBeTruthy();
  });

  it("shows nothing else when Patchbay could not start", async () => {
    core.answers["startup"] = { version: "1", development: false, failure: { code: "no_database", message: "Written by a newer Patchbay." }, notices: [], vault: { kind: "unopened" }, currentChat: null };
    await show("chat");
    expect(screen.getByRole("alert").textContent).toContain("Written by a newer Patchbay.");
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(await violations()).toEqual([]);
  });

  it("offers the explicit choice when no keychain can be used", async () => {
    core.answers["vault"] = { kind: "unavailable", message: "Your keyring is locked." };
    await show("chat");
    await fireEvent.click(button("Keep for this session only"));
    expect(core.calls("use_session_vault")).toHaveLength(1);
  });

  it("tells notices, and they can be dismissed", async () => {
    await show("chat");
    await core.send({ kind: "notice", message: "This link belongs to a sign-in that has expired." });
    expect(screen.getByRole("status", { name: "Notices" }).textContent).toContain("has expired");
    await fireEvent.click(button("Dismiss"));
    expect(screen.getByRole("status", { name: "Notices" }).textContent?.trim()).toBe("");
  });
});

describe("the connections window", () => {
  it("has the names that people rely on, and passes axe", async () => {
    await show("connections");
    expect(screen.getByRole("searchbox", { name: "Find a provider" })).toBeTruthy();
    expect(screen.getByRole("list", { name: "Providers" })).toBeTruthy();
    for (const name of ["Reconnect One", "Disconnect One", "Check now", "Add a provider"]) expect(button(name)).toBeTruthy();
    expect(screen.getByText("Test Keyring")).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it("asks before it disconnects, and says when the provider was not told", async () => {
    core.answers["disconnect"] = { remoteError: "no answer" };
    await show("connections");
    await fireEvent.click(button("Disconnect One"));
    expect(core.calls("disconnect")).toEqual([]);
    const question = screen.getByRole("alertdialog", { name: "Disconnect One?" });
    await fireEvent.click(within(question).getByRole("button", { name: "Disconnect" }));
    await settle();
    expect(core.calls("disconnect")).toEqual([{ connection: "c1" }]);
    expect(screen.getByRole("status", { name: "Notices" }).textContent).toContain("could not be told: no answer");
  });

  it("adds a key, and keeps what was typed when it is not taken", async () => {
    core.answers["add_key"] = () => Promise.reject({ code: "no_keychain", message: "No keychain." });
    await show("connections");
    await fireEvent.click(button("Add a provider"));
    await settle();
    const key = screen.getByLabelText<HTMLInputElement>("API key");
    expect(key.type).toBe("password");
    await fireEvent.input(screen.getByRole("textbox", { name: "Base URL" }), { target: { value: "http://127.0.0.1:9/v1" } });
    await fireEvent.input(key, { target: { value: "sk-test" } });
    await fireEvent.click(button("Connect"));
    await settle();
    expect(core.calls("add_key")).toEqual([{ provider: "openai-compatible", key: "sk-test", label: null, baseUrl: "http://127.0.0.1:9/v1" }]);
    expect(key.value).toBe("sk-test");
    expect(core.calls("vault").length, "the state of the vault is read again").toBeGreaterThan(1);
    core.answers["add_key"] = connectionView();
    await fireEvent.click(button("Connect"));
    await settle();
    expect(button("Reconnect One")).toBeTruthy();
    expect(document.body.innerHTML, "a key that was taken is nowhere").not.toContain("sk-test");
    expect(await violations()).toEqual([]);
  });

  it("reconnects the connection, not another one", async () => {
    core.answers["start_sign_in"] = signInView();
    await show("connections");
    await fireEvent.click(button("Reconnect One"));
    await settle();
    expect(core.calls("start_sign_in")).toEqual([{ provider: "sandbox", reconnect: "c1", returnKind: null }]);
  });

  it("replaces the key of a connection that has one, also where the provider offers a sign-in", async () => {
    core.answers["connections"] = [connectionView({ method: "api_key", account: null, maskedKey: "sk-…abcd", state: "needs_sign_in" })];
    core.answers["replace_key"] = connectionView({ method: "api_key" });
    await show("connections");
    expect(button("One key not accepted")).toBeTruthy();
    await fireEvent.click(button("Reconnect One"));
    await settle();
    expect(core.calls("start_sign_in")).toEqual([]);
    await fireEvent.input(screen.getByLabelText("API key"), { target: { value: "sk-new" } });
    await fireEvent.click(button("Replace the key"));
    await settle();
    expect(core.calls("replace_key")).toEqual([{ connection: "c1", key: "sk-new" }]);
    expect(document.activeElement).toBe(button("Reconnect One"));
  });

  it("keeps the focus after a rename", async () => {
    core.answers["rename_connection"] = null;
    await show("connections");
    await fireEvent.click(button("Rename One"));
    await fireEvent.keyDown(screen.getByRole("textbox", { name: "Label" }), { key: "Enter" });
    await settle();
    expect(document.activeElement).toBe(button("Rename One"));
  });

  it("searches", async () => {
    await show("connections");
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find a provider" }), { target: { value: "compat" } });
    const list = within(screen.getByRole("list", { name: "Providers" }));
    expect(list.getAllByRole("button")).toHaveLength(1);
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find a provider" }), { target: { value: "nobody" } });
    expect(screen.getByText("No provider is called “nobody”.")).toBeTruthy();
  });

  it("says an error where the list would be, never an empty list", async () => {
    core.answers["providers"] = () => Promise.reject({ code: "other", message: "Cannot be read." });
    await show("connections");
    expect(screen.getByRole("alert").textContent).toBe("Cannot be read.");
  });
});

describe("the settings window", () => {
  it("changes the default model and the look, and passes axe", async () => {
    await show("settings");
    expect(await violations()).toEqual([]);
    expect(screen.getByText("Patchbay 1.2.3, development build")).toBeTruthy();
    await fireEvent.click(screen.getByRole("combobox", { name: "Default model" }));
    await settle();
    await fireEvent.click(screen.getByRole("option", { name: "Beta" }));
    expect(core.calls("set_default_model")).toEqual([{ reference: { connection: "c1", model: "beta" } }]);
    expect(core.calls("set_choice")).toEqual([]);
    await fireEvent.click(screen.getByRole("radio", { name: "Dark" }));
    await settle();
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(core.calls("set_appearance")).toEqual([{ appearance: "dark" }]);
  });
});
