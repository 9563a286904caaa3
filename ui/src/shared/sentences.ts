/**
 * Streamed text, cut into what is worth saying aloud: whole sentences, each once.
 *
 * The open block is given again and again while it grows; only its new whole sentences come out. When it closes, the
 * rest of it comes out.
 */
export class Sentences {
  #said = 0;

  /** The open block as it stands now: the whole sentences not said yet. */
  tail(text: string): string {
    const end = lastSentenceEnd(text);
    if (end <= this.#said) return "";
    const news = text.slice(this.#said, end);
    this.#said = end;
    return news.trim();
  }

  /** The open block has closed and reads like this: all that was not said yet. */
  closed(text: string): string {
    const news = text.slice(Math.min(this.#said, text.length));
    this.#said = 0;
    return news.trim();
  }
}

/** Where the last whole sentence ends; a mark at the very end may still go on ("3." of "3.5"). */
function lastSentenceEnd(text: string): number {
  for (let at = text.length - 2; at >= 0; at--) {
    const character = text[at] ?? "";
    if ("。！？؟।".includes(character)) return at + 1;
    if (".!?…".includes(character) && /\s/.test(text[at + 1] ?? "")) return at + 1;
  }
  return 0;
}
