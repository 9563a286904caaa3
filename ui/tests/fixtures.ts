/** Whole objects for the tests, to be changed where a test is about something. */
import type {
  ChatSummary,
  ConnectionView,
  EffectiveModel,
  MessageView,
  ModelGroup,
  Picker,
  ProviderView,
  SignInView,
} from "../src/backend/types";

export const effectiveModel = (more: Partial<EffectiveModel> = {}): EffectiveModel => ({
  mark: "default",
  reference: { connection: "c1", model: "alpha" },
  name: "Alpha",
  connectionLabel: "One",
  hue: 30,
  onDefault: true,
  unavailable: null,
  label: "Default: Alpha",
  ...more,
});

export const messageView = (more: Partial<MessageView> = {}): MessageView => ({
  id: "m",
  role: "assistant",
  blocks: ["<p>Text.</p>"],
  text: "Text.",
  reasoning: null,
  state: "complete",
  createdAt: 0,
  writtenBy: {
    reference: { connection: "c1", model: "alpha" },
    name: "Alpha",
    connectionLabel: "One",
    hue: 30,
    method: "oauth",
    onDefault: true,
  },
  usage: null,
  durationMs: null,
  remark: null,
  ...more,
});

export const signInView = (more: Partial<SignInView> = {}): SignInView => ({
  id: "s1",
  provider: "sandbox",
  providerName: "Sandbox",
  returnKind: "deep_link",
  returns: ["deep_link", "loopback"],
  stage: "waiting",
  browserOpened: true,
  error: null,
  canRetry: false,
  startedAt: Date.now(),
  expiresAt: Date.now() + 600_000,
  connection: null,
  ...more,
});

export const modelGroup = (more: Partial<ModelGroup> = {}): ModelGroup => ({
  connection: "c1",
  label: "One",
  providerName: "Provider One",
  hue: 30,
  state: "connected",
  models: [
    { id: "alpha", name: "Alpha", context: 200_000 },
    { id: "beta", name: "Beta", context: null },
  ],
  fetchedAt: Date.now() - 180_000,
  loading: false,
  error: null,
  ...more,
});

export const pickerView = (groups: ModelGroup[] = [modelGroup()]): Picker => ({ default: effectiveModel(), groups });

export const chatSummary = (more: Partial<ChatSummary> = {}): ChatSummary => ({
  id: "chat-1",
  title: "First chat",
  updatedAt: Date.now(),
  choice: { kind: "default" },
  model: effectiveModel(),
  running: false,
  ...more,
});

export const connectionView = (more: Partial<ConnectionView> = {}): ConnectionView => ({
  id: "c1",
  provider: "sandbox",
  providerName: "Sandbox",
  label: "One",
  hue: 30,
  method: "oauth",
  state: "connected",
  account: "person@mail.example",
  maskedKey: null,
  baseUrl: "http://127.0.0.1:1/v1",
  expiresAt: null,
  lastOkAt: Date.now(),
  lastError: null,
  modelCount: 2,
  canSignIn: true,
  ...more,
});

export const providerView = (more: Partial<ProviderView> = {}): ProviderView => ({
  id: "sandbox",
  name: "Sandbox",
  note: "A note.",
  group: "cloud",
  returns: ["deep_link", "loopback"],
  takesKey: true,
  takesNone: false,
  keyPage: null,
  baseUrl: "http://127.0.0.1:1/v1",
  development: true,
  ...more,
});
