//! Tool calls, put together from their fragments.

use serde_json::Value;

use super::super::StreamEvent;
use super::super::json::text;

const MOST_CALLS: usize = 256;
const MOST_ARGUMENTS: usize = 8 * 1024 * 1024;

/// More calls, or longer ones, than any model makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
    arguments: usize,
}

#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl ToolCalls {
    /// Takes the fragments of one delta: `tool_calls`, or the older `function_call`.
    pub(super) fn read(&mut self, delta: &Value) -> Result<(), TooMany> {
        for fragment in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            let function = fragment.get("function").unwrap_or(&Value::Null);
            let index = fragment.get("index").and_then(Value::as_u64);
            self.add(index, text(fragment, "id").unwrap_or_default(), function)?;
        }
        match delta.get("function_call") {
            Some(function) if function.is_object() => self.add(None, "", function),
            _ => Ok(()),
        }
    }

    fn add(&mut self, index: Option<u64>, id: &str, function: &Value) -> Result<(), TooMany> {
        let name = text(function, "name").unwrap_or_default();
        let known = match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index),
            None => self.calls.len().checked_sub(1),
        };
        // A new id together with a name is a new call, whatever the index says: some servers number every call 0.
        let same = |call: &Call| id.is_empty() || call.id.is_empty() || call.id == id || name.is_empty();
        let known = known.filter(|position| self.calls.get(*position).is_some_and(same));
        if known.is_none() {
            if self.calls.len() == MOST_CALLS {
                return Err(TooMany);
            }
            self.calls.push(Call { index, ..Call::default() });
        }
        let position = known.unwrap_or(self.calls.len() - 1);
        let Some(call) = self.calls.get_mut(position) else { return Ok(()) };
        if call.id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        let arguments = match function.get("arguments") {
            Some(Value::String(arguments)) => arguments.clone(),
            Some(arguments @ (Value::Object(_) | Value::Array(_))) => arguments.to_string(),
            _ => String::new(),
        };
        self.arguments += arguments.len();
        if self.arguments > MOST_ARGUMENTS {
            return Err(TooMany);
        }
        call.arguments.push_str(&arguments);
        Ok(())
    }

    /// Gives out the calls, which are complete now.
    pub(super) fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        for Call { id, name, arguments, .. } in self.calls.drain(..).filter(|call| !call.name.is_empty()) {
            events.push(StreamEvent::ToolCall { id, name, arguments });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls(deltas: &[Value]) -> Vec<(String, String, String)> {
        let (mut calls, mut events) = (ToolCalls::default(), Vec::new());
        for delta in deltas {
            calls.read(delta).expect("there are few");
        }
        calls.finish(&mut events);
        let fields = |event| match event {
            StreamEvent::ToolCall { id, name, arguments } => (id, name, arguments),
            other => panic!("{other:?} is no tool call"),
        };
        events.into_iter().map(fields).collect()
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn servers_number_calls_in_their_own_ways() {
        let by_index = [
            json!({"tool_calls": [{"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}]}),
            json!({"tool_calls": [{"index": 1, "function": {"arguments": "[]"}}, {"index": 0, "function": {"arguments": "}"}}]}),
        ];
        assert_eq!(calls(&by_index), [call("b", "g", "[]"), call("a", "f", "{}")]);
        let all_zero = [
            json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": {"x": 1}}}]}),
            json!({"tool_calls": [{"index": 0, "id": "b", "function": {"name": "f", "arguments": "{}"}}]}),
            json!({"tool_calls": [{"index": 0, "id": "other", "function": {"name": null, "arguments": " "}}]}),
        ];
        assert_eq!(calls(&all_zero), [call("a", "f", "{\"x\":1}"), call("b", "f", "{} ")]);
        let older = [
            json!({"function_call": {"name": "f", "arguments": "{"}}),
            json!({"function_call": {"arguments": "}"}, "tool_calls": null}),
        ];
        assert_eq!(calls(&older), [call("", "f", "{}")]);
    }

    #[test]
    fn calls_are_limited() {
        let mut calls = ToolCalls::default();
        let many: Vec<Value> = (0..=MOST_CALLS).map(|index| json!({"index": index})).collect();
        assert_eq!(calls.read(&json!({ "tool_calls": many })), Err(TooMany));
    }
}
