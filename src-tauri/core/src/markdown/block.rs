//! Text to top-level blocks.

use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag};

use super::links::{Definition, Definitions};
use super::writer::Writer;

/// What is understood beside `CommonMark`.
pub(super) const OPTIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

/// One top-level block.
#[derive(Debug)]
pub(super) struct Block {
    /// Where its first line begins.
    pub(super) start: usize,
    /// Once the line that holds this position is complete, the block has begun for good.
    pub(super) sure: usize,
    /// Where the parser says that it ends.
    pub(super) end: usize,
    /// What it looks like.
    pub(super) html: String,
}

impl Block {
    /// So much was taken off the text before it.
    pub(super) fn move_back(&mut self, by: usize) {
        (self.start, self.sure, self.end) = (self.start - by, self.sure - by, self.end - by);
    }
}

/// What a text consists of.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The blocks in order.
    pub(super) blocks: Vec<Block>,
    /// The link reference definitions that it holds, and where.
    pub(super) definitions: Vec<(Range<usize>, Definition)>,
}

/// Parses `text`; links may also refer to definitions `known` from before it.
pub(super) fn parse(text: &str, known: &Definitions) -> Parsed {
    let resolve = |link: BrokenLink<'_>| known.get(&link.reference).map(|to| (CowStr::from(to.to_owned()), "".into()));
    let parser = Parser::new_with_broken_link_callback(text, OPTIONS, Some(resolve));
    let events = parser.into_offset_iter();
    let definitions = events
        .reference_definitions()
        .iter()
        .map(|(label, to)| (to.span.clone(), Definition::new(label, &to.dest)))
        .collect();

    let mut blocks = Vec::new();
    let mut writer = Writer::default();
    let mut depth = 0_usize;
    let (mut start, mut sure) = (0, 0);
    for (event, range) in events {
        if depth == 0 {
            start = line_start(text, range.start);
            // A table is one only through its second line, and what may become one can still go on what is before it.
            let end = next_line(text, start);
            let may_be_table = match event {
                Event::Start(Tag::Table(_)) => true,
                Event::Start(Tag::Paragraph) => text[start..end].contains('|'),
                _ => false,
            };
            sure = if may_be_table { end } else { start };
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        writer.event(event);
        if depth == 0 {
            blocks.push(Block { start, sure, end: range.end, html: writer.take() });
        }
    }
    Parsed { blocks, definitions }
}

/// Where the line that `position` is in begins: what indents a block belongs to it.
fn line_start(text: &str, position: usize) -> usize {
    let before = &text.as_bytes()[..position];
    before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |end| end + 1)
}

/// Where the next line begins.
fn next_line(text: &str, position: usize) -> usize {
    text[position..].find('\n').map_or(text.len(), |end| position + end + 1)
}
