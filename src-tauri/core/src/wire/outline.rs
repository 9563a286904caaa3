//! The outline of an answer: what has to be sent back word by word, and where in the answer it stood.
//!
//! Thoughts must come back in their place between texts and tool calls. Those are stored as neutral parts already, so
//! the outline only measures the texts and names the calls. One that no longer fits the turn is not used at all: a
//! provider refuses thoughts in a wrong place, and takes an answer without any.

use serde_json::{Map, Value, json};

use super::conversation::{Piece, Spoken};

/// One step of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// To be sent as it is.
    Echo(&'a Value),
    /// A text, with what was noted of it.
    Text(&'a str, &'a Value),
    /// A tool call: its id, its name and its arguments.
    Call(&'a str, &'a str, &'a str),
}

/// Something to be sent back as it is.
pub(super) fn echo(value: Value) -> Value {
    Value::Object(Map::from_iter([("echo".to_owned(), value)]))
}

/// A text of so many bytes, and what to note of it.
pub(super) fn text(bytes: usize, note: Value) -> Value {
    Value::Object(Map::from_iter([("text".to_owned(), bytes.into()), ("note".to_owned(), note)]))
}

/// So many bytes of text that are ours, not the model's.
pub(super) fn skip(bytes: usize) -> Value {
    json!({ "skip": bytes })
}

/// A tool call.
pub(super) fn call(id: &str) -> Value {
    json!({ "call": id })
}

/// The steps of a turn, if it has an outline that fits.
pub(super) fn steps<'a>(spoken: &'a Spoken<'_>) -> Option<Vec<Step<'a>>> {
    let outline = spoken.opaque?.as_array()?;
    let mut calls = spoken.pieces.iter().filter_map(|piece| match piece {
        Piece::ToolCall { id, given, name, arguments } => Some((id, *given, *name, *arguments)),
        _ => None,
    });
    let (mut rest, mut steps) = (spoken.text.as_str(), Vec::new());
    for entry in outline {
        let mut take = |bytes: &Value| {
            let bytes = usize::try_from(bytes.as_u64()?).ok()?;
            let taken = rest.get(..bytes)?;
            rest = rest.get(bytes..)?;
            Some(taken)
        };
        if let Some(value) = entry.get("echo") {
            steps.push(Step::Echo(value));
        } else if let Some(bytes) = entry.get("text") {
            steps.push(Step::Text(take(bytes)?, entry.get("note").unwrap_or(&Value::Null)));
        } else if let Some(bytes) = entry.get("skip") {
            take(bytes)?;
        } else {
            let expected = entry.get("call")?.as_str()?;
            let (id, _, name, arguments) = calls.next().filter(|(_, given, ..)| *given == expected)?;
            steps.push(Step::Call(id, name, arguments));
        }
    }
    (rest.is_empty() && calls.next().is_none()).then_some(steps)
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Opaque, Part, Role, Turn};
    use super::*;

    fn turn(parts: Vec<Part>, outline: Value) -> Turn {
        let (provider, model, connection) = (String::new(), String::new(), String::new());
        let opaque = Opaque { wire: Format::Responses, provider, model, connection, blob: outline };
        Turn { role: Role::Assistant, parts, opaque: Some(opaque) }
    }

    fn fits(parts: &[Part], outline: Value) -> bool {
        let result = Part::ToolResult { id: "c".into(), name: "f".into(), content: String::new(), is_error: false };
        let messages = [turn(parts.to_vec(), outline), Turn::new(Role::User, vec![result])];
        let spoken = super::super::conversation::prepare(&messages, Format::Responses, |_| true);
        steps(&spoken[0]).is_some()
    }

    #[test]
    fn an_outline_fits_exactly_or_not_at_all() {
        let said = [Part::Text("Grü".into()), Part::Text("ße".into())];
        let call_part = Part::ToolCall { id: "c".into(), name: "f".into(), arguments: String::new() };
        let called = [said[0].clone(), said[1].clone(), call_part];
        let note = || Value::Null;
        assert!(fits(&said, json!([echo(json!(1)), text(7, note())])));
        assert!(fits(&said, json!([text(4, note()), skip(3)])), "texts may be divided otherwise than the parts");
        assert!(fits(&called, json!([text(7, note()), echo(json!(1)), call("c")])));
        for outline in [
            json!([text(6, note())]),
            json!([text(8, note())]),
            json!([text(3, note()), text(4, note())]),
            json!([text(7, note()), call("c")]),
            json!([{ "text": -1 }]),
            json!([{}]),
            json!([7]),
            json!({}),
            json!([]),
        ] {
            assert!(!fits(&said, outline.clone()), "{outline}");
        }
        assert!(!fits(&called, json!([text(7, note())])), "a call is missing");
        assert!(!fits(&called, json!([text(7, note()), call("other")])));
    }
}
