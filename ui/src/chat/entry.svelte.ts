/** One message of the open conversation as its component sees it: the stored view and the text as it grows. */
import type { MessageView, RunFrame } from "../backend/types";
import { applyFrame, contentOf, settle, type Content } from "./frames";

export class Entry {
  readonly id: string;
  view = $state.raw() as MessageView;
  /** Goes up with every change of the content, which itself is plain data. */
  version = $state(0);
  readonly content: Content;
  /** It was written before our eyes, so it is read aloud. */
  live = false;

  constructor(view: MessageView) {
    this.id = view.id;
    this.view = view;
    this.content = contentOf(view);
  }

  apply(frame: RunFrame): void {
    this.live = true;
    applyFrame(this.content, frame);
    if (frame.end) this.view = frame.end;
    this.version += 1;
  }

  /** The message was read again. */
  update(view: MessageView): void {
    this.view = view;
    if (view.state === "streaming") return;
    settle(this.content, view);
    this.version += 1;
  }
}
