/** What a command that failed leaves behind: a code to branch on and words to show. Never shows a raw exception. */
import { say } from "../words";
import type { Code } from "./types";

const CODES: readonly Code[] = ["no_keychain", "no_database", "model_unavailable", "not_found", "other"];

/** A failed command. Its message is for the person. */
export class CommandError extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.name = "CommandError";
    this.code = code;
  }
}

/** Whatever was thrown, as an error that can be shown. Anything but the core's own shape reads as one plain sentence. */
export function toCommandError(thrown: unknown): CommandError {
  if (thrown instanceof CommandError) return thrown;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const code = CODES.find((known) => known === thrown.code) ?? "other";
    if (typeof thrown.message === "string" && thrown.message !== "") return new CommandError(code, thrown.message);
  }
  return new CommandError("other", say("ui-error-unknown"));
}
