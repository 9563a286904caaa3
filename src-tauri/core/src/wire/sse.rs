//! Server-sent events, read incrementally.
//!
//! Lines end with CRLF, CR or LF; comments are skipped; several `data` lines are one event. Bytes are split into
//! lines before they become text, so a character that arrives in two pieces is whole. What `id` and `retry` mean is
//! left out: a model's answer is never resumed. Written here because every size has to be limited.

/// The most bytes that one event may have: some end with the whole answer, or hold a picture.
pub(super) const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SseEvent {
    /// Its type; empty when the server named none.
    pub(super) name: String,
    /// Its lines, joined.
    pub(super) data: String,
}

/// An event was larger than [`EVENT_LIMIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Splits bytes into events.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
    line: Vec<u8>,
    name: String,
    data: Option<String>,
    after_carriage_return: bool,
    begun: bool,
}

impl SseDecoder {
    /// Takes the bytes that arrived and gives `sink` the events they complete. `sink` returns whether to go on.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut sink: impl FnMut(SseEvent) -> bool) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_carriage_return) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                return self.extend(bytes);
            };
            self.extend(&bytes[..end])?;
            self.after_carriage_return = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if let Some(event) = self.end_line()
                && !sink(event)
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The event that was begun and not ended: many servers leave out the last blank line.
    pub(super) fn finish(mut self) -> Option<SseEvent> {
        self.end_line().or_else(|| self.end_line())
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        let held = self.line.len() + self.data.as_ref().map_or(0, String::len);
        if held + bytes.len() > EVENT_LIMIT {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            return self.data.take().map(|data| SseEvent { name, data });
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match field {
            b"event" => self.name = value.into_owned(),
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(&value);
                }
                None => self.data = Some(value.into_owned()),
            },
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for piece in pieces {
            let sink = |event: SseEvent| {
                events.push((event.name, event.data));
                true
            };
            decoder.push(piece, sink).expect("no event is too long");
        }
        events.extend(decoder.finish().map(|event| (event.name, event.data)));
        events
    }

    fn pair(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn lines_join_and_comments_vanish() {
        let stream = b"\xEF\xBB\xBF: hello\nevent: a\ndata: one\ndata:two\ndata\n\n:\nid: 3\n\nretry: 5\ndata:  x\n\n";
        assert_eq!(events(&[stream]), [pair("a", "one\ntwo\n"), pair("", " x")]);
    }

    #[test]
    fn line_ends_may_be_split() {
        assert_eq!(events(&[b"data: a\r", b"\n\r", b"\ndata: b\r\r", b"data: c"]).len(), 3);
        assert_eq!(events(&[b"data: a\r", b"data: b\r\r"]), [pair("", "a\nb")]);
    }

    #[test]
    fn an_event_is_limited() {
        let mut decoder = SseDecoder::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; EVENT_LIMIT / 2], b"\n"].concat();
        assert_eq!(decoder.push(&line, |_| true), Ok(()));
        assert_eq!(decoder.push(&line, |_| true), Err(TooLong), "the lines of one event count together");
        let mut decoder = SseDecoder::default();
        assert_eq!(decoder.push(&vec![b'x'; EVENT_LIMIT + 1], |_| true), Err(TooLong), "so does a line without an end");
    }
}
