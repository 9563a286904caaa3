//! One JSON value a line (NDJSON), read incrementally.
//!
//! Bytes are split into lines before they become text, so a character that arrives in two pieces is whole.

use super::sse::{EVENT_LIMIT, TooLong};

/// Splits bytes into lines.
#[derive(Debug, Default)]
pub(super) struct LineDecoder {
    line: Vec<u8>,
}

impl LineDecoder {
    /// Takes the bytes that arrived and gives `sink` the lines they complete, blank ones included. `sink` returns
    /// whether to go on.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut sink: impl FnMut(&str) -> bool) -> Result<(), TooLong> {
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend(&bytes[..end])?;
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            if !sink(&String::from_utf8_lossy(&line)) {
                return Ok(());
            }
        }
        self.extend(bytes)
    }

    /// The line that was begun and not ended.
    pub(super) fn finish(self) -> Option<String> {
        (!self.line.is_empty()).then(|| String::from_utf8_lossy(&self.line).into_owned())
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > EVENT_LIMIT {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_they_arrive() {
        let stream = "{\"a\":\"ü\"}\r\n\n{\"b\":1}\nrest".as_bytes();
        for size in 1..stream.len() {
            let (mut decoder, mut lines) = (LineDecoder::default(), Vec::new());
            for piece in stream.chunks(size) {
                let sink = |line: &str| {
                    lines.extend((!line.is_empty()).then(|| line.to_owned()));
                    true
                };
                decoder.push(piece, sink).expect("no line is too long");
            }
            assert_eq!(lines, ["{\"a\":\"ü\"}", "{\"b\":1}"], "in pieces of {size}");
            assert_eq!(decoder.finish().as_deref(), Some("rest"));
        }
    }

    #[test]
    fn a_line_is_limited() {
        let mut decoder = LineDecoder::default();
        assert_eq!(decoder.push(&vec![b'x'; EVENT_LIMIT], |_| true), Ok(()));
        assert_eq!(decoder.push(b"x", |_| true), Err(TooLong));
    }
}
