/** What axe finds wrong in the document; colours are checked in contrast.test.ts, since jsdom lays nothing out. */
import axe from "axe-core";

export async function violations(): Promise<string[]> {
  const results = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html} (${node.failureSummary ?? ""})`),
  );
}
