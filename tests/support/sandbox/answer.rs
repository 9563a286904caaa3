//! What the sandbox says: which model and account were asked, so that the person (and a test) can see it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One piece of a streamed answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Text of the answer.
    Text(String),
    /// Text of the thinking before it.
    Reasoning(String),
    /// These bytes as they are, in place of an event.
    Raw(String),
}

/// An answer, in the pieces it is streamed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The pieces.
    pub pieces: Vec<Piece>,
    /// What the last event says: `stop`, `length`, `content_filter`…
    #[serde(default = "stop")]
    pub finish_reason: String,
    /// The stream is written in so many bytes at a time, which cuts events and letters.
    #[serde(default)]
    pub bytes_per_write: Option<usize>,
}

fn stop() -> String {
    "stop".to_owned()
}

/// What was asked.
pub(super) struct Question {
    pub(super) model: String,
    pub(super) caller: String,
    pub(super) method: &'static str,
    pub(super) text: String,
    pub(super) messages: usize,
}

impl Answer {
    /// This text, streamed word by word.
    pub fn text_of(text: &str) -> Self {
        Self { pieces: words(text).map(Piece::Text).collect(), finish_reason: stop(), bytes_per_write: None }
    }

    /// A long answer of so many numbered lines, one piece a line.
    pub fn lines(count: usize) -> Self {
        let pieces = (1..=count)
            .map(|line| {
                Piece::Text(format!("{line}. Line {line} of {count}, with *some* `code` and a few words more.\n"))
            })
            .collect();
        Self { pieces, finish_reason: stop(), bytes_per_write: None }
    }

    /// What the sandbox says when nobody prepared anything.
    pub(super) fn usual(question: &Question) -> Self {
        let mut answer = Self::text_of(&usual_text(question));
        if question.model.contains("thinker") {
            let thought = format!(
                "The question has {} words. I look at who asks, then I repeat it, then I am done.",
                count(&question.text)
            );
            answer.pieces.splice(0..0, words(&thought).map(Piece::Reasoning));
        }
        answer
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let text = |piece: &Piece| if let Piece::Text(text) = piece { Some(text.clone()) } else { None };
        self.pieces.iter().filter_map(text).collect()
    }

    /// The whole thinking.
    pub fn reasoning(&self) -> String {
        let text = |piece: &Piece| if let Piece::Reasoning(text) = piece { Some(text.clone()) } else { None };
        self.pieces.iter().filter_map(text).collect()
    }

    /// The usage object; a word is a token here.
    pub(super) fn usage(&self, prompt_tokens: usize) -> Value {
        let reasoning = count(&self.reasoning());
        let completion = count(&self.text()) + reasoning;
        json!({
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": prompt_tokens + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        })
    }
}

fn usual_text(question: &Question) -> String {
    let Question { model, caller, method, text, messages } = question;
    let quoted = text.lines().map(|line| format!("> {line}\n")).collect::<Vec<_>>().concat();
    if model.contains("poet") {
        return format!(
            "A cable goes from here to there,\nand *{caller}* holds one end;\n\
            your words went out, and through the air\nthis **{model}** is your friend.\n\n{quoted}"
        );
    }
    let turns = if *messages == 1 { "message" } else { "messages" };
    format!(
        "This is **{model}**, answering {caller}. You wrote:\n\n{quoted}\n\
        What arrived here:\n\n\
        - {words} words in your last message\n\
        - {messages} {turns} in this chat\n\
        - {method} as your credential\n\n\
        ```toml\nmodel = \"{model}\"\naccount = \"{caller}\"\n```\n\n\
        I am only a sandbox: I repeat and never think.\n",
        words = count(text),
    )
}

/// Cuts after every space, so that joining the pieces gives the text again.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_inclusive([' ', '\n']).map(str::to_owned)
}

/// How many tokens this is, roughly.
pub(super) fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A name for a completion.
pub(super) fn identifier() -> String {
    format!("chatcmpl-{}", uuid::Uuid::now_v7().simple())
}

/// The time as the wire wants it.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}
