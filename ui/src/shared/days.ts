/** Things with a time, grouped by the day they belong to: today, yesterday, this week, then by month. */
import { say } from "../words";

export interface Day<T> {
  /** Stable while the list changes. */
  key: string;
  title: string;
  items: T[];
}

/** Groups in the order of the items, which is newest first. */
export function groupByDay<T>(items: readonly T[], time: (item: T) => number, now: number): Day<T>[] {
  const today = startOfDay(now, 0);
  const yesterday = startOfDay(now, -1);
  const week = startOfDay(now, -6);
  const month = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });
  const groups: Day<T>[] = [];
  for (const item of items) {
    const at = time(item);
    const title =
      at >= today
        ? say("ui-day-today")
        : at >= yesterday
          ? say("ui-day-yesterday")
          : at >= week
            ? say("ui-day-week")
            : month.format(at);
    const last = groups.at(-1);
    if (last?.title === title) last.items.push(item);
    else groups.push({ key: title, title, items: [item] });
  }
  return groups;
}

/** Midnight by the person's own calendar, which is not always 24 hours from the next. */
function startOfDay(now: number, offset: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + offset).getTime();
}
