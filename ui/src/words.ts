/** The words the person reads, from the one catalogue that the core uses too. A second language is one more file beside it. */
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

import english from "../../src-tauri/core/messages/en.ftl?raw";

const bundle = new FluentBundle("en", { useIsolating: false });
// A message that does not parse is caught by a test; at run time the others are used.
bundle.addResource(new FluentResource(english));

/** An id of the interface's own messages. That each one used exists is held by a test over the sources. */
export type MessageId = `ui-${string}`;

/** The message with its variables filled in. An unknown id reads as itself, so that a gap shows. */
export function say(id: MessageId, values?: Record<string, FluentVariable>): string {
  const pattern = bundle.getMessage(id)?.value;
  if (pattern === undefined || pattern === null) return id;
  // With a list to put them in, faults in a message do not throw: what could be filled in is shown.
  return bundle.formatPattern(pattern, values ?? null, []);
}
