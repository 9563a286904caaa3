/** Which window this page is: the shell loads the one bundle with the window's label behind the hash. */
import type { WindowLabel } from "../backend/commands";

export function windowOf(hash: string): WindowLabel {
  const label = hash.replace(/^#/, "");
  return label === "connections" || label === "settings" ? label : "chat";
}
