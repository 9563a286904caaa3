//! Markdown as models write it, to blocks of safe HTML.
//!
//! `CommonMark` with tables, strikethrough and task lists. A block is a top-level element: a paragraph, a list, a table.
//! What comes out holds only tags and attributes that this module writes itself: raw HTML is shown as the text it is,
//! links lead to web pages and mail addresses alone, pictures are named and never fetched, and there is no style,
//! script or identifier in it.
//!
//! No highlighting and no formulas here.

mod block;
mod links;
mod long;
mod stream;
#[cfg(test)]
mod tests;
mod writer;

pub use stream::{Frame, Stream};

use block::Parsed;
use links::Definitions;
use long::LONGEST;

/// The text as blocks of safe HTML.
pub fn render(text: &str) -> Vec<String> {
    let Parsed { blocks, definitions } = block::parse(text, &Definitions::default());
    let is_long = |block: &block::Block| block.end - block.start > LONGEST;
    if !blocks.iter().any(is_long) {
        return blocks.into_iter().map(|block| block.html).collect();
    }
    let mut known = Definitions::default();
    for (_, definition) in definitions {
        known.add(definition);
    }
    let cut = |block: block::Block| {
        if !is_long(&block) {
            return vec![block.html];
        }
        let mut stream = Stream::knowing(known.clone());
        stream.push(&text[block.start..block.end]);
        stream.finish().closed
    };
    blocks.into_iter().flat_map(cut).collect()
}

/// Text that is no Markdown, as blocks of safe HTML: paragraphs between blank lines, every line a line.
///
/// What a person writes is shown as they wrote it.
pub fn plain(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            paragraph.push_str(if paragraph.is_empty() { "<p>" } else { "<br>" });
            writer::escape(line, &mut paragraph);
        } else if !paragraph.is_empty() {
            blocks.push(std::mem::take(&mut paragraph) + "</p>");
        }
    }
    blocks
}
