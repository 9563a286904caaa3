/**
 * A message that is being written, and how frames change it. Pure; the component shows it.
 *
 * Closed blocks are only ever added, never looked at again: what a frame costs does not depend on how long the answer
 * already is.
 */
import type { MessageView, RunFrame } from "../backend/types";

/** What is shown of a message's text. */
export interface Content {
  /** Grows at its end only, until the generation changes. */
  blocks: string[];
  /** The open block. */
  tail: string;
  reasoning: string;
  /** Goes up when the blocks began anew. */
  generation: number;
}

export function contentOf(view: MessageView): Content {
  return { blocks: [...view.blocks], tail: "", reasoning: view.reasoning ?? "", generation: 0 };
}

/** Two frames of the same answer as one, so that any number of them is shown at once. */
export function mergeFrames(first: RunFrame, second: RunFrame): RunFrame {
  const anew = second.reset;
  return {
    message: second.message,
    reset: first.reset || anew,
    closed: anew ? second.closed : [...first.closed, ...second.closed],
    tail: second.tail,
    reasoning: anew ? second.reasoning : first.reasoning + second.reasoning,
    end: second.end ?? first.end,
  };
}

/** Adds a frame to the content, in place. */
export function applyFrame(content: Content, frame: RunFrame): void {
  if (frame.reset) {
    content.blocks = [];
    content.reasoning = "";
    content.generation += 1;
  }
  content.blocks.push(...frame.closed);
  content.tail = frame.tail;
  content.reasoning += frame.reasoning;
  if (frame.end) settle(content, frame.end);
}

/** The message as stored is the last word; what already reads the same stays in place. */
export function settle(content: Content, view: MessageView): void {
  content.tail = "";
  content.reasoning = view.reasoning ?? content.reasoning;
  const same = content.blocks.every((block, index) => block === view.blocks[index]);
  if (same) {
    content.blocks.push(...view.blocks.slice(content.blocks.length));
  } else {
    content.blocks = [...view.blocks];
    content.generation += 1;
  }
}
