/** What the connections window has selected, and how its search matches. */
import type { ConnectionId, ProviderId } from "../backend/types";

export type Selection = { kind: "connection"; id: ConnectionId } | { kind: "provider"; id: ProviderId };

/** Every word of the filter is in one of the texts, whatever its case. */
export function matches(filter: string, ...texts: (string | null)[]): boolean {
  const hay = texts.join("\n").toLocaleLowerCase();
  return filter
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
