//! A long fenced code block that is still being written.
//!
//! Its lines are escaped as they arrive, and the parser is not asked again until the fence closes: only the size of
//! what is shown grows, not the work of finding out what it is.

use pulldown_cmark::CodeBlockKind;

use super::writer::{escape, open_code};

/// A fence that has opened and not closed.
#[derive(Debug)]
pub(super) struct OpenFence {
    marker: u8,
    length: usize,
    html: String,
    closing: &'static str,
    /// How much of the text is in `html`: whole lines.
    written: usize,
    closed: bool,
}

impl OpenFence {
    /// The fence that `text` begins with, if it does. `text` begins with a block.
    pub(super) fn open(text: &str) -> Option<Self> {
        let (line, _) = text.split_once('\n')?;
        // An indented fence takes its indent off every line, tabs included: the parser knows how.
        let marker = *line.as_bytes().first().filter(|byte| matches!(byte, b'`' | b'~'))?;
        let length = line.bytes().take_while(|byte| *byte == marker).count();
        let information = &line[length..];
        // A character reference or an escape in the information is its business too.
        if length < 3 || information.contains(['`', '&', '\\', '\r']) {
            return None;
        }
        let mut html = String::new();
        let closing = open_code(&CodeBlockKind::Fenced(information.trim().into()), &mut html);
        Some(Self { marker, length, html, closing, written: line.len() + 1, closed: false })
    }

    /// The block as it stands, or nothing once the fence has closed (or may have).
    pub(super) fn frame(&mut self, text: &str) -> Option<String> {
        while let Some(end) = text[self.written..].find('\n').filter(|_| !self.closed) {
            let line = &text[self.written..self.written + end];
            // A carriage return ends a line as well: the parser knows.
            self.closed = self.closes(line) || line.contains('\r');
            if !self.closed {
                escape(line, &mut self.html);
                self.html.push('\n');
                self.written += end + 1;
            }
        }
        let last = &text[self.written..];
        if self.closed || last.contains('\r') {
            return None;
        }
        let mut html = String::with_capacity(self.html.len() + last.len() + 64);
        html.push_str(&self.html);
        // A few blanks at the end may be the beginning of the closing fence.
        let blank = last.len() <= 3 && last.trim_matches(' ').is_empty();
        if !blank && !self.closes(last) {
            escape(last, &mut html);
        }
        html.push_str(self.closing);
        Some(html)
    }

    fn closes(&self, line: &str) -> bool {
        let rest = line.trim_start_matches(' ');
        let length = rest.bytes().take_while(|byte| *byte == self.marker).count();
        line.len() - rest.len() <= 3 && length >= self.length && rest[length..].trim_matches(' ').is_empty()
    }
}
