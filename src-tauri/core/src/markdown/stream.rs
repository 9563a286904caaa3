//! Markdown that is still being written.

use super::block::{self, Parsed};
use super::fence::OpenFence;
use super::links::Definitions;

/// From this size on an open code block is no longer parsed again for every frame.
const LONG: usize = 64 * 1024;

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
/// A block is closed once a later one has begun for good, which takes a complete line. Only what is open is parsed for a frame, so a
/// frame costs as much as its open block is long, however long the text is. One very long open block stays linear:
/// a code block is then only copied, a list, table or paragraph is parsed again.
///
/// What has been given out at the end is what [`super::render`] makes of the whole text, with one exception: a link
/// whose reference definition (`[label]: address`) comes in a later block stays text in blocks that were closed before.
#[derive(Debug, Default)]
pub struct Stream {
    /// The text from the beginning of the first open block.
    text: String,
    /// The definitions of the closed ones.
    definitions: Definitions,
    /// A long code block, which is then all of the text.
    fence: Option<OpenFence>,
    tail: String,
    changed: bool,
    #[cfg(test)]
    pub(super) parsed: usize,
}

impl Stream {
    /// Nothing was written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// More of the text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.changed |= !text.is_empty();
    }

    /// What to show now.
    pub fn frame(&mut self) -> Frame {
        if !std::mem::take(&mut self.changed) {
            return Frame { closed: Vec::new(), tail: self.tail.clone() };
        }
        if let Some(tail) = self.fence.as_mut().and_then(|fence| fence.frame(&self.text)) {
            self.tail.clone_from(&tail);
            return Frame { closed: Vec::new(), tail };
        }
        self.fence = None;
        let Parsed { mut blocks, definitions } = self.parse();
        // A line that is not complete may still turn out to go on with what is before it.
        let complete = self.text.rfind('\n').map_or(0, |end| end + 1);
        let open = blocks.iter().rposition(|block| block.sure < complete).unwrap_or(0);
        let tail = blocks.split_off(open);
        if let (Some(last), Some(first)) = (blocks.last(), tail.first()) {
            // A definition between the two may still grow a title; it is parsed again.
            let between = definitions.iter().map(|(range, _)| range.start).filter(|start| *start >= last.end);
            let cut = between.fold(first.start, usize::min);
            for (_, definition) in definitions.into_iter().filter(|(range, _)| range.start < cut) {
                self.definitions.add(definition);
            }
            self.text.drain(..cut);
        }
        if self.text.len() > LONG && tail.len() == 1 {
            self.fence = OpenFence::open(&self.text);
        }
        self.tail = tail.into_iter().map(|block| block.html).collect();
        Frame { closed: blocks.into_iter().map(|block| block.html).collect(), tail: self.tail.clone() }
    }

    /// The text is complete: closes what is open.
    pub fn finish(&mut self) -> Frame {
        let closed = self.parse().blocks.into_iter().map(|block| block.html).collect();
        *self = Self::default();
        Frame { closed, tail: String::new() }
    }

    fn parse(&mut self) -> Parsed {
        #[cfg(test)]
        {
            self.parsed += self.text.len();
        }
        block::parse(&self.text, &self.definitions)
    }
}
