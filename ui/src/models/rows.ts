/**
 * The dropdown's rows from what is known and what was typed. Pure, so that filtering 5,000 models is only string work.
 *
 * Headings and notes are to be read, everything else can be chosen.
 */
import type { EffectiveModel, ModelGroup, ModelReference, ModelView, Picker } from "../backend/types";
import { ago, count } from "../shared/format";
import { say } from "../words";

export type Row =
  | { kind: "default"; key: string; label: string; detail: string; model: EffectiveModel | undefined }
  | { kind: "heading"; key: string; label: string; group: ModelGroup }
  | { kind: "note"; key: string; label: string; tone: "plain" | "error" }
  | { kind: "model"; key: string; label: string; detail: string; group: ModelGroup; reference: ModelReference }
  | { kind: "typed"; key: string; label: string; group: ModelGroup; reference: ModelReference }
  | { kind: "action"; key: string; label: string; action: "connections" | "retry" | "sign-in"; group?: ModelGroup };

/** A row that can be chosen. */
export type Option = Exclude<Row, { kind: "heading" | "note" }>;

/** The first entry: what stands for "no model of its own". */
export type First = "use-default" | "no-default";

export function isOption(row: Row | undefined): row is Option {
  return row !== undefined && row.kind !== "heading" && row.kind !== "note";
}

export function sameReference(a: ModelReference | null | undefined, b: ModelReference | null | undefined): boolean {
  return !!a && !!b && a.connection === b.connection && a.model === b.model;
}

const HAYS = new WeakMap<ModelView, string>();

function hay(group: ModelGroup, model: ModelView): string {
  let text = HAYS.get(model);
  if (text === undefined) {
    text = `${model.name}\n${model.id}\n${group.label}\n${group.providerName}`.toLocaleLowerCase();
    HAYS.set(model, text);
  }
  return text;
}

/** All rows, in the order they are shown. */
export function buildRows(picker: Picker, filter: string, first: First, now: number): Row[] {
  const typed = filter.trim();
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const rows: Row[] = [];

  const top = firstRow(picker, first);
  if (words.every((word) => top.label.toLocaleLowerCase().includes(word))) rows.push(top);

  let found = 0;
  for (const group of picker.groups) {
    const models =
      words.length === 0
        ? group.models
        : group.models.filter((model) => {
            const text = hay(group, model);
            return words.every((word) => text.includes(word));
          });
    found += models.length;
    if (words.length > 0 && models.length === 0) continue;
    rows.push({ kind: "heading", key: `heading ${group.connection}`, label: heading(group, now), group });
    for (const model of models) {
      rows.push({
        kind: "model",
        key: `model ${group.connection} ${model.id}`,
        label: model.name,
        detail: model.context === null ? "" : count(model.context),
        group,
        reference: { connection: group.connection, model: model.id },
      });
    }
    if (words.length === 0) rows.push(...state(group));
  }

  if (typed !== "" && found === 0) rows.push(...byHand(picker, typed));
  if (picker.groups.length === 0) {
    rows.push({ kind: "note", key: "none", label: say("ui-picker-no-connections"), tone: "plain" });
    rows.push({ kind: "action", key: "connections", label: say("ui-open-connections"), action: "connections" });
  }
  return rows;
}

function firstRow(picker: Picker, first: First): Extract<Row, { kind: "default" }> {
  if (first === "no-default") {
    return { kind: "default", key: "default", label: say("ui-picker-no-default"), detail: "", model: undefined };
  }
  const { name, connectionLabel } = picker.default;
  const target = [name, connectionLabel].filter(Boolean).join(" · ");
  return {
    kind: "default",
    key: "default",
    label: say("ui-picker-use-default"),
    detail: target === "" ? "" : `→ ${target}`,
    model: picker.default,
  };
}

function heading(group: ModelGroup, now: number): string {
  const parts = [group.label];
  if (group.models.length > 0) parts.push(count(group.models.length));
  if (group.state === "needs_sign_in") parts.push(say("ui-picker-signed-out"));
  else if (group.loading) parts.push(say("ui-picker-listing"));
  else if (group.fetchedAt !== null) parts.push(say("ui-picker-listed", { when: ago(group.fetchedAt, now) }));
  return parts.join(" · ");
}

/** What there is to say and to do about a group beside its models. */
function state(group: ModelGroup): Row[] {
  const key = group.connection;
  const rows: Row[] = [];
  if (group.error !== null) rows.push({ kind: "note", key: `note ${key}`, label: group.error, tone: "error" });
  if (group.state === "needs_sign_in") {
    const label = say("ui-picker-sign-in-again", { label: group.label });
    rows.push({ kind: "action", key: `sign-in ${key}`, label, action: "sign-in", group });
  } else if (group.error !== null) {
    const label = say("ui-picker-list-again", { label: group.label });
    rows.push({ kind: "action", key: `retry ${key}`, label, action: "retry", group });
  } else if (group.models.length === 0) {
    const label = group.loading ? say("ui-picker-waiting") : say("ui-picker-empty");
    rows.push({ kind: "note", key: `note ${key}`, label, tone: "plain" });
  }
  return rows;
}

/** Any model id can be typed. */
function byHand(picker: Picker, typed: string): Row[] {
  const rows: Row[] = [{ kind: "note", key: "nothing", label: say("ui-picker-nothing", { text: typed }), tone: "plain" }];
  // An id has no spaces; other words are a search that found nothing.
  if (/\s/.test(typed)) return rows;
  for (const group of picker.groups) {
    rows.push({
      kind: "typed",
      key: `typed ${group.connection}`,
      label: say("ui-picker-use-typed", { id: typed, label: group.label }),
      group,
      reference: { connection: group.connection, model: typed },
    });
  }
  return rows;
}

/** The heights the rows have in the popup, in pixels; styles in ModelPicker.svelte say the same. */
export const HEIGHTS: Record<Row["kind"], number> = {
  default: 36,
  heading: 32,
  note: 28,
  model: 32,
  typed: 32,
  action: 32,
};

/** Where each row begins, and last where the list ends. */
export function offsets(rows: readonly Row[]): number[] {
  const tops = [0];
  let top = 0;
  for (const row of rows) tops.push((top += HEIGHTS[row.kind]));
  return tops;
}

/** The rows between two heights, a few more on either side, as a half-open range. */
export function visible(tops: readonly number[], from: number, to: number): [number, number] {
  const AROUND = 6;
  const rows = tops.length - 1;
  return [Math.max(0, below(tops, from) - AROUND), Math.min(rows, below(tops, to) + 1 + AROUND)];
}

/** The last row that begins at or above a height. */
function below(tops: readonly number[], height: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The option to go to from one, by a number of options; stops at the ends. -1 where there is none. */
export function step(rows: readonly Row[], from: number, by: number): number {
  const direction = Math.sign(by);
  let left = Math.abs(by);
  let at = from;
  for (let next = from + direction; left > 0 && next >= 0 && next < rows.length; next += direction) {
    if (!isOption(rows[next])) continue;
    at = next;
    left -= 1;
  }
  return isOption(rows[at]) ? at : -1;
}
