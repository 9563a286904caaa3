//! Where a very long block is cut.
//!
//! A model can write one list, table, code block or paragraph that never ends. What is open is rendered again for every
//! frame, so beyond [`LONGEST`] a block is cut where it shows least and goes on as a block of its own: a list at an item,
//! a table at a row (with its heading again), code at a line, and everything else at a line or a word.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

/// The longest open block, in bytes of Markdown.
pub(super) const LONGEST: usize = 32 * 1024;
/// A longer one is cut at or before this, so that what is left is not a mere crumb.
const KEPT: usize = LONGEST / 2;
/// Repeating more than this costs more than it shows.
const LONGEST_AGAIN: usize = 1024;

/// Where to cut, and what the rest has to begin with to go on as what it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Greater than the length of `again`.
    pub(super) at: usize,
    pub(super) again: String,
}

/// Cuts a text that is longer than [`LONGEST`] and holds one block.
pub(super) fn cut(text: &str, options: Options) -> Cut {
    let limit = text.floor_char_boundary(KEPT);
    let mut events = Parser::new_ext(text, options).into_offset_iter();
    let plain = || Cut { at: line_or_word(text, limit), again: String::new() };
    let Some((Event::Start(first), range)) = events.next() else { return plain() };
    let begins = |it: &Event<'_>, depth| match &first {
        Tag::List(_) => depth == 0 && matches!(it, Event::Start(Tag::Item)),
        Tag::Table(_) => depth == 0 && matches!(it, Event::Start(Tag::TableRow)),
        _ => false,
    };
    let again = match &first {
        Tag::Table(_) => lines(&text[range.start..], 2),
        Tag::CodeBlock(CodeBlockKind::Fenced(_)) => lines(&text[line_start(text, range.start)..], 1),
        _ => "",
    };
    let again = if again.len() <= LONGEST_AGAIN { again.to_owned() } else { String::new() };
    if matches!(first, Tag::CodeBlock(_)) {
        return Cut { again, ..plain() };
    }
    let (mut depth, mut at) = (0_usize, 0);
    for (event, range) in events {
        if range.start > limit {
            break;
        }
        if begins(&event, depth) {
            at = line_start(text, range.start);
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if at > again.len() { Cut { at, again } } else { plain() }
}

/// After the last line, or else the last word, that ends in the second half before `limit`; or else there.
fn line_or_word(text: &str, limit: usize) -> usize {
    let half = text.floor_char_boundary(limit / 2);
    let last = |ends: &dyn Fn(char) -> bool| text[half..limit].rfind(ends).map(|at| half + at + 1);
    last(&|it| it == '\n').or_else(|| last(&|it| it == ' ')).unwrap_or(limit)
}

fn line_start(text: &str, position: usize) -> usize {
    text[..position].rfind('\n').map_or(0, |end| end + 1)
}

/// The first lines, with their ends.
fn lines(text: &str, count: usize) -> &str {
    let end: usize = text.split_inclusive('\n').take(count).map(str::len).sum();
    &text[..end]
}
