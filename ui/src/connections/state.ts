/** The state of a connection in words. */
import type { ConnectionView, VaultState } from "../backend/types";
import { say } from "../words";

/** Whether a sign-in renews it. A key stays a key, also where the provider offers a sign-in beside. */
export function signsIn(connection: Pick<ConnectionView, "method" | "canSignIn">): boolean {
  return connection.method === "oauth" && connection.canSignIn;
}

/** In a word or two, for lists. */
export function stateWord(connection: Pick<ConnectionView, "state" | "method" | "canSignIn">): string {
  switch (connection.state) {
    case "checking":
      return say("ui-state-checking");
    case "connected":
      return say("ui-state-connected");
    case "failing":
      return say("ui-state-failing");
    case "needs_sign_in":
      return signsIn(connection) ? say("ui-state-needs-sign-in") : say("ui-state-needs-key");
  }
}

/** How the connection proves who the person is. */
export function methodWords(connection: ConnectionView): string {
  switch (connection.method) {
    case "oauth":
      return connection.account
        ? say("ui-method-oauth-account", { account: connection.account })
        : say("ui-method-oauth");
    case "api_key":
      return connection.maskedKey ? say("ui-method-key", { key: connection.maskedKey }) : say("ui-method-key-only");
    case "none":
      return say("ui-method-none");
  }
}

/** Where its credential is kept. */
export function keptIn(vault: VaultState | undefined): string | undefined {
  switch (vault?.kind) {
    case "keychain":
      return vault.name;
    case "session":
      return say("ui-kept-session");
    case "unavailable":
      return say("ui-kept-nowhere");
    default:
      return undefined;
  }
}
