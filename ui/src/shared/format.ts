/** Numbers and times the way people say them. */
import { say } from "../words";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `950`, `1.2k`, `200k`, `1M`. */
export function count(value: number): string {
  if (value < 1000) return String(value);
  const [scaled, unit] = value < 999_500 ? [value / 1000, "k"] : [value / 1_000_000, "M"];
  return `${scaled < 10 ? trim(scaled.toFixed(1)) : Math.round(scaled)}${unit}`;
}

function trim(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

/** `0.8 s`, `12 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return say("ui-duration-seconds", { seconds: trim(seconds.toFixed(1)) });
  if (seconds < 60) return say("ui-duration-seconds", { seconds: String(Math.round(seconds)) });
  const whole = Math.round(seconds);
  return say("ui-duration-minutes", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

/** The exact time, for hovering. */
export function exact(at: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** `just now`, `3 min ago`, `5 h ago`, then the date. */
export function ago(at: number, now: number): string {
  const past = now - at;
  if (past < MINUTE) return say("ui-ago-now");
  if (past < HOUR) return say("ui-ago-minutes", { minutes: Math.floor(past / MINUTE) });
  if (past < DAY) return say("ui-ago-hours", { hours: Math.floor(past / HOUR) });
  return exact(at);
}

/** `in 40 min`, `in 5 h`, then the date; a time that has come reads as `now`. */
export function until(at: number, now: number): string {
  const left = at - now;
  if (left < MINUTE) return say("ui-until-now");
  if (left < HOUR) return say("ui-until-minutes", { minutes: Math.floor(left / MINUTE) });
  if (left < DAY) return say("ui-until-hours", { hours: Math.floor(left / HOUR) });
  return exact(at);
}
