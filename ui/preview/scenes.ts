/** The states worth looking at. */
import type {
  ChatSummary,
  ConnectionView,
  EffectiveModel,
  MessageView,
  ModelGroup,
  ProviderView,
  SignInView,
} from "../src/backend/types";
import type { Core } from "./fake";

const NOW = Date.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const provider = (id: string, name: string, more: Partial<ProviderView> = {}): ProviderView => ({
  id,
  name,
  note: null,
  group: "cloud",
  returns: [],
  takesKey: true,
  takesNone: false,
  keyPage: `https://${id}.example/keys`,
  baseUrl: `https://api.${id}.example/v1`,
  development: false,
  ...more,
});

const PROVIDERS = [
  provider("sandbox", "Sandbox", {
    note: "A provider on this machine, for trying Patchbay without an account.",
    returns: ["deep_link", "loopback"],
    takesKey: false,
    development: true,
  }),
  provider("openrouter", "OpenRouter", {
    note: "Many vendors’ models with one sign-in. The key it returns does not expire.",
    returns: ["loopback"],
  }),
  provider("openai-compatible", "OpenAI-compatible", {
    note: "Any server that speaks OpenAI’s chat completions: vLLM, llama.cpp, LM Studio, a company gateway.",
    takesNone: true,
    keyPage: null,
    baseUrl: null,
  }),
];

const connection = (id: string, label: string, hue: number, more: Partial<ConnectionView> = {}): ConnectionView => ({
  id,
  provider: "openrouter",
  providerName: "OpenRouter",
  label,
  hue,
  method: "oauth",
  state: "connected",
  account: "you@mail.example",
  maskedKey: null,
  baseUrl: "https://openrouter.example/api/v1",
  expiresAt: NOW + 50 * MINUTE,
  lastOkAt: NOW - 2 * MINUTE,
  lastError: null,
  modelCount: 412,
  canSignIn: true,
  ...more,
});

const CONNECTIONS = [
  connection("c1", "OpenRouter", 35),
  connection("c2", "Gemini (work)", 250, { method: "api_key", maskedKey: "sk-…abcd", canSignIn: false, expiresAt: null }),
  connection("c3", "OpenAI", 150, {
    state: "needs_sign_in",
    lastError: "OpenAI no longer accepts this sign-in. Sign in again.",
    lastOkAt: NOW - 9 * HOUR,
  }),
];

const model = (more: Partial<EffectiveModel> = {}): EffectiveModel => ({
  mark: "default",
  reference: { connection: "c1", model: "gpt-mini" },
  name: "GPT mini",
  connectionLabel: "OpenRouter",
  hue: 35,
  onDefault: true,
  unavailable: null,
  label: "Default: GPT mini",
  ...more,
});

const PINNED = model({
  mark: "pinned",
  reference: { connection: "c2", model: "claude-sonnet" },
  name: "Claude Sonnet",
  connectionLabel: "Gemini (work)",
  hue: 250,
  onDefault: false,
  label: "Pinned: Claude Sonnet",
});
const BROKEN = model({
  mark: "unavailable",
  reference: { connection: "c3", model: "gpt-6" },
  name: "GPT-6",
  connectionLabel: "OpenAI",
  hue: 150,
  onDefault: false,
  unavailable: { reason: "needs_sign_in", message: "OpenAI has to be signed in to again before GPT-6 can answer." },
  label: "Unavailable: GPT-6",
});

const chat = (id: string, title: string, age: number, effective: EffectiveModel): ChatSummary => ({
  id,
  title,
  updatedAt: NOW - age,
  choice: effective.onDefault ? { kind: "default" } : { kind: "pinned", reference: effective.reference! },
  model: effective,
  running: false,
});

const message = (id: string, role: "user" | "assistant", text: string, more: Partial<MessageView> = {}): MessageView => ({
  id,
  role,
  blocks: text.split("\n\n").map((block) => `<p>${block}</p>`),
  text,
  reasoning: null,
  state: "complete",
  createdAt: NOW - 12 * MINUTE,
  writtenBy:
    role === "user"
      ? null
      : {
          reference: PINNED.reference!,
          name: "Claude Sonnet",
          connectionLabel: "Gemini (work)",
          hue: 250,
          method: "api_key",
          onDefault: false,
        },
  usage: role === "user" ? null : { input: 312, cached: 0, output: 1_243, reasoning: null },
  durationMs: role === "user" ? null : 3_240,
  remark: null,
  ...more,
});

const ANSWER = message("m2", "assistant", "Start in Alfama, before the trams fill up.", {
  reasoning: "The person has two days. Group the sights by quarter, mornings for the crowded ones.",
  blocks: [
    "<p>Start in <strong>Alfama</strong>, before the trams fill up. Walk up to the <em>Miradouro da Graça</em> and come down through the small streets; it takes a morning. See <a href=\"https://example.com\">the map</a>.</p>",
    "<h2>Second day</h2>",
    "<ul><li>Belém: the monastery first, the tower from outside</li><li>LX Factory for lunch</li><li>The ferry to Cacilhas at sunset, back after dark</li></ul>",
    '<pre><code class="language-rust">fn main() {\n    let days = ["Alfama", "Belém"];\n    for (number, day) in days.iter().enumerate() {\n        println!("{}: {day}, and a very long line that has to scroll sideways because it is longer than the page is wide", number + 1);\n    }\n}\n</code></pre>',
    "<p>ابدأ من الفَما قبل أن تمتلئ عربات الترام.</p>",
    "<p>Use <code>Viva Viagem</code> for the trains.</p>",
  ],
});

const group = (id: string, label: string, hue: number, names: string[], more: Partial<ModelGroup> = {}): ModelGroup => ({
  connection: id,
  label,
  providerName: label,
  hue,
  state: "connected",
  models: names.map((name) => ({ id: name.toLowerCase().replaceAll(" ", "-"), name, context: 200_000 })),
  fetchedAt: NOW - 3 * MINUTE,
  loading: false,
  error: null,
  ...more,
});

const SIGN_IN: SignInView = {
  id: "s1",
  provider: "sandbox",
  providerName: "Sandbox",
  returnKind: "deep_link",
  returns: ["deep_link", "loopback"],
  stage: "waiting",
  browserOpened: true,
  error: null,
  canRetry: false,
  startedAt: NOW,
  expiresAt: NOW + 10 * MINUTE,
  connection: null,
};

/** The core of a scene. */
export function scene(name: string, theme: string | null): Core {
  const core: Core = {
    startup: {
      version: "0.1.0",
      development: true,
      failure: null,
      notices: [],
      vault: { kind: "keychain", name: "GNOME Keyring" },
      currentChat: "1",
    },
    appearance: theme === "light" || theme === "dark" ? theme : "system",
    providers: PROVIDERS,
    connections: CONNECTIONS,
    vault: { kind: "keychain", name: "GNOME Keyring" },
    picker: {
      default: model(),
      groups: [
        group("c1", "OpenRouter", 35, ["GPT mini", ...Array.from({ length: 2_000 }, (_, at) => `Model number ${at}`)]),
        group("c2", "Gemini (work)", 250, ["Claude Sonnet", "Gemini Flash", "Gemini Pro"], {
          error: "Gemini did not answer within 30 s.",
          fetchedAt: NOW - 5 * HOUR,
        }),
        group("c3", "OpenAI", 150, [], { state: "needs_sign_in", fetchedAt: null }),
      ],
    },
    chats: [
      chat("1", "Trip to Lisbon", 2 * MINUTE, PINNED),
      chat("2", "Rust lifetimes", HOUR, model()),
      chat("3", "Tax letter", DAY, BROKEN),
      chat("4", "رسالة إلى البلدية بخصوص موقف السيارات", 3 * DAY, model()),
      chat("5", "A chat with a title that is much too long to fit into any sidebar of any width", 40 * DAY, model()),
    ],
    messages: {
      "1": [message("m1", "user", "What should I see in two days?\nI like walking."), ANSWER],
      "3": [
        message("m3", "user", "Please shorten this letter."),
        message("m4", "assistant", "Dear Sir or Madam,", {
          state: "failed",
          remark: "OpenAI did not answer within 30 s. Nothing was lost. Try again, or choose another model.",
        }),
      ],
    },
    signIn: SIGN_IN,
    failures: {},
    frames: [],
    signInStarted: false,
  };
  SCENES[name]?.(core);
  return core;
}

const SCENES: Record<string, (core: Core) => void> = {
  first: (core) => {
    core.connections = [];
    core.chats = [];
    core.startup.currentChat = null;
    core.picker = {
      default: model({
        mark: "unavailable",
        reference: null,
        name: "",
        connectionLabel: null,
        hue: null,
        unavailable: { reason: "no_connection", message: "Nothing is connected yet." },
        label: "Unavailable: no model",
      }),
      groups: [],
    };
  },
  broken: (core) => {
    core.startup.currentChat = "3";
    core.vault = core.startup.vault = {
      kind: "unavailable",
      message: "Your keyring is locked. Unlock it, or keep credentials only until Patchbay closes.",
    };
    core.startup.notices = ["Your preferences could not be read, so Patchbay started with the usual ones."];
  },
  failure: (core) => {
    core.startup.failure = {
      code: "no_database",
      message: "This data was written by a newer Patchbay. Install that version again, or the newest one.",
    };
  },
  long: (core) => {
    const long = "An-extraordinarily-long-name-that-somebody-once-gave-to-a-connection-and-never-shortened-again";
    core.connections = core.connections.map((one) => ({ ...one, label: long, account: `${long}@mail.example` }));
    core.chats = core.chats.map((one) => ({
      ...one,
      title: long,
      model: { ...one.model, name: long, connectionLabel: long, label: `${one.model.label} ${long}` },
    }));
  },
  stream: (core) => {
    core.chats[0]!.running = true;
    const words = "Start in Alfama, before the trams fill up. Then walk on, and on. ".repeat(12).split(" ");
    core.messages["1"]!.push(
      message("m5", "user", "And on the second day?"),
      message("m6", "assistant", "", { state: "streaming", blocks: [], usage: null, durationMs: null }),
    );
    core.frames = words.map((_, at) => ({
      message: "m6",
      reset: at === 0,
      closed: [],
      tail: `<p>${words.slice(0, at + 1).join(" ")}</p>`,
      reasoning: at === 0 ? "Thinking of the second day." : "",
      end: null,
    }));
  },
  failing: (core) => {
    core.failures = {
      send: { code: "other", message: "Saving did not work. Nothing else was changed. Try again." },
      chats: { code: "other", message: "Patchbay’s database cannot be read." },
      providers: { code: "other", message: "The list of providers cannot be read." },
    };
  },
  "sign-in-error": (core) => {
    core.signIn = {
      ...SIGN_IN,
      browserOpened: false,
      error: "No browser could be started. Set a default browser for this desktop, then try again.",
      canRetry: true,
    };
  },
  "sign-in-done": (core) => {
    core.signIn = { ...SIGN_IN, stage: "checking" };
  },
  "sign-in-refused": (core) => {
    core.failures["start_sign_in"] = { code: "other", message: "All ports this provider allows are in use." };
  },
};

/** Clicks through to what a scene is about: names of buttons, parted by commas. */
export async function act(steps: string | null): Promise<void> {
  for (const name of steps?.split(",") ?? []) {
    await new Promise((done) => setTimeout(done, 150));
    const controls = [...document.querySelectorAll<HTMLElement>("button, [role=combobox], [role=option]")];
    const control = controls.find((one) => (one.getAttribute("aria-label") ?? one.textContent?.trim()) === name);
    if (control) control.click();
    else console.warn(`no control is called ${name}`);
  }
}
