//! Where the counted tokens are, and what they are called.

use serde_json::Value;

use super::super::Usage;
use super::super::json::{count, first_count};

/// The tokens counted in a chunk: at its top, under Groq's `x_groq`, or in the choice (Moonshot).
pub(super) fn find(chunk: &Value) -> Option<Usage> {
    let groq = chunk.get("x_groq").and_then(|groq| groq.get("usage"));
    let choice = chunk.get("choices").and_then(|choices| choices.get(0)).and_then(|choice| choice.get("usage"));
    [chunk.get("usage"), groq, choice].into_iter().flatten().find_map(read)
}

fn read(usage: &Value) -> Option<Usage> {
    let detail = |group: &str, name: &str| count(usage.get(group)?, name);
    let usage = Usage {
        input: first_count(usage, &["prompt_tokens", "input_tokens"]),
        cached: detail("prompt_tokens_details", "cached_tokens")
            .or_else(|| first_count(usage, &["prompt_cache_hit_tokens", "cached_tokens"])),
        output: first_count(usage, &["completion_tokens", "output_tokens"]),
        reasoning: detail("completion_tokens_details", "reasoning_tokens").or_else(|| count(usage, "reasoning_tokens")),
    };
    (usage != Usage::default()).then_some(usage)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_are_found_where_servers_put_them() {
        let counted = Some(Usage { input: Some(7), output: Some(3), ..Usage::default() });
        let plain = json!({"prompt_tokens": 7, "completion_tokens": 3.0, "total_tokens": 10});
        assert_eq!(find(&json!({ "usage": plain })), counted);
        assert_eq!(find(&json!({ "usage": null, "x_groq": { "usage": plain } })), counted);
        assert_eq!(find(&json!({ "choices": [{ "usage": plain }] })), counted);
        assert_eq!(find(&json!({ "usage": {}, "choices": [] })), None);
        assert_eq!(find(&json!({ "usage": { "prompt_tokens": -1 } })), None);
        let deepseek = json!({"prompt_tokens": 1e12, "prompt_cache_hit_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 2}});
        let huge = Usage { input: Some(u32::MAX), cached: Some(5), output: None, reasoning: Some(2) };
        assert_eq!(find(&json!({ "usage": deepseek })), Some(huge));
    }
}
