//! Tokens, whose counts come in pieces: what was read at the start, what was written so far at the end.

use serde_json::Value;

use super::super::Usage;
use super::super::json::{count, first_count};

/// What was counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    fresh: Option<u32>,
    written_to_cache: Option<u32>,
    cached: Option<u32>,
    output: Option<u32>,
    reasoning: Option<u32>,
}

impl Counted {
    /// Takes a later count, which includes the earlier ones.
    pub(super) fn update(&mut self, usage: &Value) {
        let details = usage.get("output_tokens_details").unwrap_or(&Value::Null);
        self.fresh = count(usage, "input_tokens").or(self.fresh);
        self.written_to_cache = count(usage, "cache_creation_input_tokens").or(self.written_to_cache);
        self.cached = count(usage, "cache_read_input_tokens").or(self.cached);
        self.output = count(usage, "output_tokens").or(self.output);
        self.reasoning = first_count(details, &["thinking_tokens", "reasoning_tokens"]).or(self.reasoning);
    }

    /// The sum, if anything was counted.
    pub(super) fn total(self) -> Option<Usage> {
        let read = [self.fresh, self.written_to_cache, self.cached];
        let input = read.iter().flatten().copied().reduce(u32::saturating_add);
        let usage = Usage { input, cached: self.cached, output: self.output, reasoning: self.reasoning };
        (usage != Usage::default()).then_some(usage)
    }
}
