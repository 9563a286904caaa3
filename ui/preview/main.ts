/** Puts the made-up core in the place of the real one, then starts the interface as it is. */
import { mockIPC } from "@tauri-apps/api/mocks";

import { answer } from "./fake";
import { act, scene } from "./scenes";

const query = new URLSearchParams(location.search);
const core = scene(query.get("scene") ?? "tour", query.get("theme"));

mockIPC((command, values) => answer(core, command, values as Record<string, unknown>));
await import("../src/main");
await act(query.get("act"));
