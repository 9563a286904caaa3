//! Markdown that is still being written.

use super::block::{self, Block, Parsed};
use super::links::{Definition, Definitions};
use super::long::{self, Cut, LONGEST};

/// What to show of the text so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The blocks that were closed since the last frame. They never change again.
    pub closed: Vec<String>,
    /// What is open, in place of what was open in the last frame.
    pub tail: String,
}

/// Renders a text while it grows.
///
/// A block is closed once a later one has begun for good, which takes a complete line. Only what is open is parsed for a
/// frame, and a block that grows beyond all measure is cut (see `long`), so a frame costs the same however long the
/// text is and whatever it consists of.
///
/// What has been given out at the end is what [`super::render`] makes of the whole text, with one exception: a link
/// whose reference definition (`[label]: address`) comes in a later block stays text in blocks that were closed before.
#[derive(Debug, Default)]
pub struct Stream {
    /// What was written since the last frame.
    new: String,
    /// The text from the beginning of the first open block.
    text: String,
    /// The definitions of the closed ones.
    definitions: Definitions,
    tail: String,
    #[cfg(test)]
    pub(super) parsed: usize,
}

impl Stream {
    /// Nothing was written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing was written yet, and these definitions are known.
    pub(super) fn knowing(definitions: Definitions) -> Self {
        Self { definitions, ..Self::default() }
    }

    /// More of the text.
    pub fn push(&mut self, text: &str) {
        self.new.push_str(text);
    }

    /// What to show now.
    pub fn frame(&mut self) -> Frame {
        if self.new.is_empty() {
            return Frame { closed: Vec::new(), tail: self.tail.clone() };
        }
        let (closed, open) = self.advance();
        self.tail = open.into_iter().map(|block| block.html).collect();
        Frame { closed, tail: self.tail.clone() }
    }

    /// The text is complete: closes what is open.
    pub fn finish(&mut self) -> Frame {
        let (mut closed, _) = self.advance();
        closed.extend(self.parse(self.text.len()).blocks.into_iter().map(|block| block.html));
        *self = Self::default();
        Frame { closed, tail: String::new() }
    }

    /// Takes in what is new, and gives what is closed by it and what is open.
    fn advance(&mut self) -> (Vec<String>, Vec<Block>) {
        let new = std::mem::take(&mut self.new);
        let (mut closed, mut open) = (Vec::new(), Vec::new());
        let mut new = new.as_str();
        // However much came at once, no more than this is looked at together.
        while !new.is_empty() {
            let (now, later) = new.split_at(new.floor_char_boundary(LONGEST));
            self.text.push_str(now);
            new = later;
            open = self.close(&mut closed);
            while self.is_too_long(&open) {
                self.shorten(&open, &mut closed);
                open = self.close(&mut closed);
            }
        }
        (closed, open)
    }

    /// Takes what is closed off the text; what is open is given.
    fn close(&mut self, closed: &mut Vec<String>) -> Vec<Block> {
        let Parsed { mut blocks, definitions } = self.parse(self.text.len());
        // A line that is not complete may still turn out to go on with what is before it.
        let complete = self.text.rfind('\n').map_or(0, |end| end + 1);
        let first_open = blocks.iter().rposition(|block| block.sure < complete).unwrap_or(0);
        let mut open = blocks.split_off(first_open);
        if let (Some(last), Some(first)) = (blocks.last(), open.first()) {
            // A definition between the two may still grow a title; it is parsed again.
            let between = definitions.iter().map(|(range, _)| range.start).filter(|start| *start >= last.end);
            let cut = between.fold(first.start, usize::min);
            self.remember(definitions.into_iter().filter(|(range, _)| range.start < cut).map(|(_, it)| it));
            self.text.drain(..cut);
            for block in &mut open {
                block.move_back(cut);
            }
        }
        closed.extend(blocks.into_iter().map(|block| block.html));
        open
    }

    fn is_too_long(&self, open: &[Block]) -> bool {
        // The second is for what is no block: definitions, blank lines.
        open.last().is_some_and(|block| block.end - block.start > LONGEST) || self.text.len() > 2 * LONGEST
    }

    /// Closes a part of what is open, since that has become too long.
    fn shorten(&mut self, open: &[Block], closed: &mut Vec<String>) {
        let Cut { at, again } = match open {
            // The last one's line is not complete, but nobody waits longer for it.
            [_, .., last] => Cut { at: last.start, again: String::new() },
            _ => long::cut(&self.text, block::OPTIONS),
        };
        let Parsed { blocks, definitions } = self.parse(at);
        self.remember(definitions.into_iter().map(|(_, it)| it));
        closed.extend(blocks.into_iter().map(|block| block.html));
        self.text.replace_range(..at, &again);
    }

    fn remember(&mut self, definitions: impl Iterator<Item = Definition>) {
        for definition in definitions {
            self.definitions.add(definition);
        }
    }

    fn parse(&mut self, end: usize) -> Parsed {
        #[cfg(test)]
        {
            self.parsed += end;
        }
        block::parse(&self.text[..end], &self.definitions)
    }
}
