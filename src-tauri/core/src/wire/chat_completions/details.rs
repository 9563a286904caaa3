//! OpenRouter's `reasoning_details`, put together from their fragments.
//!
//! What they hold is the upstream's: texts, summaries, signatures, encrypted thoughts. They go back as they came.

use serde_json::{Map, Value};

use super::super::json::text;

const MOST_DETAILS: usize = 4_096;
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The fields that arrive in pieces.
const PIECES: [&str; 4] = ["text", "summary", "data", "signature"];

/// The details of one answer.
#[derive(Debug, Default)]
pub(super) struct Details {
    details: Vec<Map<String, Value>>,
    bytes: usize,
}

impl Details {
    /// Takes the fragments of one delta.
    pub(super) fn read(&mut self, delta: &Value) {
        let fragments = delta.get("reasoning_details").and_then(Value::as_array).into_iter().flatten();
        for fragment in fragments.filter_map(Value::as_object) {
            self.bytes += PIECES.iter().filter_map(|key| fragment.get(*key)?.as_str()).map(str::len).sum::<usize>();
            if self.bytes > MOST_BYTES {
                return;
            }
            let full = self.details.len() == MOST_DETAILS;
            match self.details.last_mut() {
                Some(last) if continues(last, fragment) => merge(last, fragment),
                // Half of them would be refused: none are sent back.
                _ if full => self.bytes = MOST_BYTES + 1,
                _ => self.details.push(fragment.clone()),
            }
        }
    }

    /// The whole array, if there is one.
    pub(super) fn finish(&mut self) -> Option<Value> {
        let details = std::mem::take(&mut self.details);
        let all = !details.is_empty() && self.bytes <= MOST_BYTES;
        all.then(|| details.into_iter().map(Value::Object).collect())
    }
}

/// Whether a fragment goes on with the detail before it: the same type, index and id, as far as they are given.
fn continues(last: &Map<String, Value>, fragment: &Map<String, Value>) -> bool {
    let given = |map: &Map<String, Value>, key: &str| map.get(key).filter(|value| !value.is_null()).cloned();
    let same = |key| match (given(last, key), given(fragment, key)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    // An encrypted thought comes whole.
    given(last, "type") == given(fragment, "type")
        && last.get("type").and_then(Value::as_str) != Some("reasoning.encrypted")
        && same("index")
        && same("id")
}

fn merge(last: &mut Map<String, Value>, fragment: &Map<String, Value>) {
    for (key, value) in fragment.iter().filter(|(_, value)| !value.is_null()) {
        let before = last.get(key).and_then(Value::as_str).unwrap_or_default();
        let value = match value.as_str() {
            Some(more) if PIECES.contains(&key.as_str()) => Value::String(format!("{before}{more}")),
            _ => value.clone(),
        };
        last.insert(key.clone(), value);
    }
}

/// The fields of a turn's opaque part that may go back.
pub(super) fn back(opaque: &Value) -> impl Iterator<Item = (String, Value)> {
    let details = opaque.get("reasoning_details").filter(|details| details.is_array());
    let content = text(opaque, "reasoning_content").map(Value::from);
    [("reasoning_details", details.cloned()), ("reasoning_content", content)]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put_together(fragments: &[Value]) -> Option<Value> {
        let mut details = Details::default();
        for fragment in fragments {
            details.read(&json!({ "reasoning_details": [fragment] }));
        }
        details.finish()
    }

    #[test]
    fn fragments_become_whole() {
        let fragments = [
            json!({"type": "reasoning.text", "text": "Let ", "format": "anthropic-claude-v1", "index": 0}),
            json!({"type": "reasoning.text", "text": "me.", "signature": null, "index": 0}),
            json!({"type": "reasoning.text", "signature": "sig", "index": 0}),
            json!({"type": "reasoning.text", "text": "Next", "index": 1}),
            json!({"type": "reasoning.encrypted", "data": "one", "id": "a"}),
            json!({"type": "reasoning.encrypted", "data": "two"}),
            json!("nonsense"),
        ];
        let whole = json!([
            {"type": "reasoning.text", "text": "Let me.", "format": "anthropic-claude-v1", "index": 0, "signature": "sig"},
            {"type": "reasoning.text", "text": "Next", "index": 1},
            {"type": "reasoning.encrypted", "data": "one", "id": "a"},
            {"type": "reasoning.encrypted", "data": "two"},
        ]);
        assert_eq!(put_together(&fragments), Some(whole));
        assert_eq!(put_together(&[]), None);
    }

    #[test]
    fn too_many_are_not_sent_back() {
        let many: Vec<Value> = (0..=MOST_DETAILS).map(|index| json!({"type": "x", "index": index})).collect();
        assert_eq!(put_together(&many), None);
    }
}
