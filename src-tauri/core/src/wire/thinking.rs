//! Thoughts that a model writes into its answer, between `<think>` and `</think>`.
//!
//! Only at the very start of the content: anywhere else the tag is something the model talks about.

use super::StreamEvent;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
/// More blanks than this before the tag, and it is no tag: looking at them again for every piece would cost ever more.
const MOST_BLANKS: usize = 1024;

/// Splits the content into thoughts and answer.
#[derive(Debug, Default)]
pub(super) struct Thinking {
    place: Place,
    /// What may turn out to be (part of) a tag.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Thought,
    /// Behind the closing tag: blank lines are left out.
    Between,
    Answer,
}

impl Thinking {
    /// Takes more of the content.
    pub(super) fn push(&mut self, content: &str, events: &mut Vec<StreamEvent>) {
        if content.is_empty() {
            return;
        }
        if self.place == Place::Answer {
            events.push(StreamEvent::Text(content.to_owned()));
            return;
        }
        self.held.push_str(content);
        if self.place == Place::Start {
            let begun = self.held.trim_start();
            if let Some(thought) = begun.strip_prefix(OPEN) {
                self.held = thought.to_owned();
                self.place = Place::Thought;
            } else if !OPEN.starts_with(begun) || self.held.len() > MOST_BLANKS {
                self.place = Place::Answer;
                events.push(StreamEvent::Text(std::mem::take(&mut self.held)));
            }
        }
        if self.place == Place::Thought {
            if let Some(end) = self.held.find(CLOSE) {
                let answer = self.held.split_off(end + CLOSE.len());
                self.held.truncate(end);
                self.think(events);
                self.held = answer;
                self.place = Place::Between;
            } else {
                let kept = partial(&self.held, CLOSE);
                let tail = self.held.split_off(self.held.len() - kept);
                self.think(events);
                self.held = tail;
            }
        }
        if self.place == Place::Between {
            let answer = self.held.trim_start();
            if !answer.is_empty() {
                events.push(StreamEvent::Text(answer.to_owned()));
                self.place = Place::Answer;
            }
            self.held.clear();
        }
    }

    /// The content has ended.
    pub(super) fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        match self.place {
            Place::Thought => self.think(events),
            Place::Start if !self.held.is_empty() => {
                events.push(StreamEvent::Text(std::mem::take(&mut self.held)));
            }
            _ => {}
        }
    }

    fn think(&mut self, events: &mut Vec<StreamEvent>) {
        let thought = std::mem::take(&mut self.held);
        if !thought.is_empty() {
            events.push(StreamEvent::Reasoning(thought));
        }
    }
}

/// How many bytes at the end of `text` may be the beginning of `tag`.
fn partial(text: &str, tag: &str) -> usize {
    (1..tag.len()).rev().find(|length| text.ends_with(&tag[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str]) -> (String, String) {
        let (mut thinking, mut events) = (Thinking::default(), Vec::new());
        for piece in pieces {
            thinking.push(piece, &mut events);
        }
        thinking.finish(&mut events);
        events.into_iter().fold((String::new(), String::new()), |(thought, answer), event| match event {
            StreamEvent::Reasoning(more) => (thought + &more, answer),
            StreamEvent::Text(more) => (thought, answer + &more),
            other => panic!("{other:?} is neither thought nor answer"),
        })
    }

    fn at_every_piece(content: &str) -> (String, String) {
        let whole = split(&[content]);
        let characters: Vec<String> = content.chars().map(String::from).collect();
        let pieces: Vec<&str> = characters.iter().map(String::as_str).collect();
        assert_eq!(split(&pieces), whole, "{content:?} is the same character by character");
        whole
    }

    #[test]
    fn thoughts_are_told_from_the_answer() {
        for (content, thought, answer) in [
            ("<think>a < b </thin</think>\n\nYes", "a < b </thin", "Yes"),
            ("\n <think>\n</think> Yes\n", "\n", "Yes\n"),
            ("<think>never closed </th", "never closed </th", ""),
            ("<thin", "", "<thin"),
            (" \n", "", " \n"),
            ("  text <think>no</think>", "", "  text <think>no</think>"),
            ("<thinker> hm", "", "<thinker> hm"),
            ("<think>a</think><think>b</think>", "a", "<think>b</think>"),
        ] {
            assert_eq!(at_every_piece(content), (thought.to_owned(), answer.to_owned()), "{content:?}");
        }
    }
}
