/**
 * The sign-in that this window's dialog shows, from the click to the end, and those under way elsewhere.
 *
 * The core owns every sign-in; here is only which one is looked at. The dialog opens with the click, before the core
 * has answered, so that a start which fails has a place to say so.
 */
import * as commands from "../backend/commands";
import { toCommandError } from "../backend/errors";
import type { AppEvent, ConnectionId, ProviderId, ReturnKind, SignInStage, SignInView } from "../backend/types";
import { Resource } from "../shared/resource.svelte";

/** What the dialog shows. */
export interface Attempt {
  provider: ProviderId;
  providerName: string;
  reconnect: ConnectionId | null;
  /** The sign-in, once the core has begun it. */
  view: SignInView | undefined;
  /** Why it could not even begin, or why the last click did nothing. */
  error: string | undefined;
}

const ORDER: readonly SignInStage[] = ["waiting", "exchanging", "checking", "connected", "failed", "cancelled"];

/** Of the answer to a start and a reading that crossed on the way, the one that is further on. */
export function later(answer: SignInView, read: SignInView | undefined): SignInView {
  return read && ORDER.indexOf(read.stage) > ORDER.indexOf(answer.stage) ? read : answer;
}

class SignIns {
  /** What the dialog shows; nothing when it is closed. */
  attempt = $state.raw<Attempt | undefined>(undefined);
  /** All that the core remembers, the ended ones included. */
  readonly list = new Resource(commands.signIns);
  /** Those that have not ended. */
  readonly pending = $derived((this.list.value ?? []).filter(unfinished));

  /** Reads how they stand and brings the dialog up to date. */
  async load(): Promise<void> {
    await this.list.refresh();
    const shown = this.attempt?.view;
    const view = this.#read(shown?.id);
    if (!this.attempt || !shown || !view) return;
    if (view.stage === "cancelled") {
      this.attempt = undefined;
      return;
    }
    // What the last click met with is over once the sign-in has moved on.
    const error = view.stage === shown.stage ? this.attempt.error : undefined;
    this.attempt = { ...this.attempt, view, error };
  }

  #read(id: string | undefined): SignInView | undefined {
    return this.list.value?.find((view) => view.id === id);
  }

  /** Opens the dialog and begins. A second click on the same provider replaces the first sign-in. */
  async start(
    provider: { id: ProviderId; name: string },
    reconnect: ConnectionId | null = null,
    returnKind: ReturnKind | null = null,
  ): Promise<void> {
    const attempt: Attempt = {
      provider: provider.id,
      providerName: provider.name,
      reconnect,
      view: undefined,
      error: undefined,
    };
    this.attempt = attempt;
    try {
      const view = await commands.startSignIn(provider.id, reconnect, returnKind);
      // Closed in the meantime: the person has cancelled it.
      if (this.attempt !== attempt) return void commands.cancelSignIn(view.id).catch(() => {});
      this.attempt = { ...attempt, view: later(view, this.#read(view.id)) };
    } catch (thrown) {
      if (this.attempt === attempt) this.attempt = { ...attempt, error: toCommandError(thrown).message };
    }
  }

  /** Looks at a sign-in that is already under way. */
  show(view: SignInView): void {
    this.attempt = {
      provider: view.provider,
      providerName: view.providerName,
      reconnect: null,
      view,
      error: undefined,
    };
  }

  /** Closes the dialog; what has not ended is cancelled. */
  close(): void {
    const view = this.attempt?.view;
    this.attempt = undefined;
    if (view && unfinished(view)) void commands.cancelSignIn(view.id).catch(() => {});
  }

  /** Begins anew after a failure. */
  again(): void {
    const { attempt } = this;
    if (attempt) void this.start({ id: attempt.provider, name: attempt.providerName }, attempt.reconnect);
  }

  /** Does something with the shown sign-in; a refusal is shown beside it. */
  async act(act: (id: string) => Promise<unknown>): Promise<boolean> {
    const view = this.attempt?.view;
    if (!view) return false;
    this.#patch(view.id, { error: undefined });
    try {
      await act(view.id);
      return true;
    } catch (thrown) {
      this.#patch(view.id, { error: toCommandError(thrown).message });
      return false;
    }
  }

  hear(event: AppEvent): void {
    if (event.kind === "sign_in_changed" || event.kind === "everything") void this.load();
  }

  #patch(id: string, change: Partial<Attempt>): void {
    if (this.attempt?.view?.id === id) this.attempt = { ...this.attempt, ...change };
  }
}

function unfinished(view: SignInView): boolean {
  return view.stage === "waiting" || view.stage === "exchanging" || view.stage === "checking";
}

export const signIns = new SignIns();
