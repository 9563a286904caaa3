/** Where the focus goes when the control that had it has gone: never nowhere, and never away from where it is. */
import { tick } from "svelte";

/** Whether nothing has the focus, as after the focused control was removed. */
export function focusIsLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Once the page has changed, focuses the target if nothing has the focus. */
export async function keepFocus(target: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  if (focusIsLost()) target()?.focus();
}
