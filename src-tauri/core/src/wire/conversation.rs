//! The conversation as any provider accepts it.
//!
//! What no provider takes is left out here, once for all formats: blank texts, turns with nothing in them, tool calls
//! that were never answered and results that nobody asked for. Tool calls get an id where they have none, or one that
//! the provider would refuse. The order of turns and parts is kept; whose turn may follow whose is the format's own.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Format, Part, Role, Turn};

/// One turn, ready to be written.
#[derive(Debug)]
pub(super) struct Spoken<'a> {
    /// Who spoke.
    pub(super) role: Role,
    /// What was said; never empty.
    pub(super) pieces: Vec<Piece<'a>>,
    /// What the same model wants to see again, if it came over this wire.
    pub(super) opaque: Option<&'a Value>,
    /// All texts of the turn, blank ones too, as they were: what `opaque` measures.
    pub(super) text: String,
}

/// One part, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text, not blank.
    Text(&'a str),
    /// A picture, in base64.
    Image {
        /// What it is.
        media_type: &'a str,
        /// The file in base64.
        data: &'a str,
    },
    /// A tool call that was answered.
    ToolCall {
        /// Unique in the conversation, and as the provider allows it.
        id: String,
        /// As the model gave it.
        given: &'a str,
        /// Which tool.
        name: &'a str,
        /// Its arguments as the model wrote them.
        arguments: &'a str,
    },
    /// The answer to a tool call.
    ToolResult {
        /// The call's.
        id: String,
        /// Which tool.
        name: &'a str,
        /// The result.
        content: &'a str,
        /// The tool failed.
        is_error: bool,
    },
}

/// Prepares the conversation. `allowed` says which ids of tool calls the provider takes.
pub(super) fn prepare(messages: &[Turn], format: Format, allowed: impl Fn(&str) -> bool) -> Vec<Spoken<'_>> {
    let ids = pair(messages, allowed);
    let turns = messages.iter().enumerate().map(|(position, turn)| {
        let piece = |(index, part)| piece(part, ids.get(&(position, index)));
        let opaque = turn.opaque.as_ref().filter(|opaque| opaque.wire == format && turn.role == Role::Assistant);
        let texts =
            turn.parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None });
        Spoken {
            role: turn.role,
            pieces: turn.parts.iter().enumerate().filter_map(piece).collect(),
            opaque: opaque.map(|opaque| &opaque.blob),
            text: opaque.map(|_| texts.collect()).unwrap_or_default(),
        }
    });
    turns.filter(|turn| !turn.pieces.is_empty()).collect()
}

fn piece<'a>(part: &'a Part, id: Option<&String>) -> Option<Piece<'a>> {
    match part {
        Part::Text(text) => (!text.trim().is_empty()).then_some(Piece::Text(text)),
        Part::Image { media_type, data } => Some(Piece::Image { media_type, data }),
        Part::ToolCall { id: given, name, arguments } => {
            Some(Piece::ToolCall { id: id?.clone(), given, name, arguments })
        }
        Part::ToolResult { name, content, is_error, .. } => {
            Some(Piece::ToolResult { id: id?.clone(), name, content, is_error: *is_error })
        }
    }
}

/// The place of a part: its turn's and its own.
type Place = (usize, usize);

/// Pairs each call of an answer with its result in what follows before the next answer, and gives both one id.
fn pair(messages: &[Turn], allowed: impl Fn(&str) -> bool) -> HashMap<Place, String> {
    let (mut ids, mut used, mut number) = (HashMap::new(), HashSet::new(), 0_u32);
    for (position, turn) in messages.iter().enumerate().filter(|(_, turn)| turn.role == Role::Assistant) {
        let following = messages.iter().enumerate().skip(position + 1);
        let mut results: Vec<(Place, &str, &str)> = following
            .take_while(|(_, turn)| turn.role == Role::User)
            .flat_map(|(position, turn)| {
                turn.parts.iter().enumerate().map(move |(index, part)| ((position, index), part))
            })
            .filter_map(|(place, part)| match part {
                Part::ToolResult { id, name, .. } => Some((place, id.as_str(), name.as_str())),
                _ => None,
            })
            .collect();
        for (index, part) in turn.parts.iter().enumerate() {
            let Part::ToolCall { id, name, .. } = part else { continue };
            let answers = |(_, result, tool): &(Place, &str, &str)| result == id && (!id.is_empty() || tool == name);
            let Some(found) = results.iter().position(answers) else { continue };
            let (result, ..) = results.remove(found);
            let mut spelled = id.clone();
            while spelled.is_empty() || !allowed(&spelled) || used.contains(&spelled) {
                number += 1;
                // Nine letters and digits: what every provider takes.
                spelled = format!("call{number:05}");
            }
            used.insert(spelled.clone());
            ids.insert((position, index), spelled.clone());
            ids.insert(result, spelled);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Opaque;
    use super::*;

    fn call(id: &str, name: &str) -> Part {
        Part::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: "{}".to_owned() }
    }

    fn result(id: &str, name: &str) -> Part {
        Part::ToolResult { id: id.to_owned(), name: name.to_owned(), content: "r".to_owned(), is_error: false }
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn ids(messages: &[Turn]) -> Vec<(Role, Vec<String>)> {
        let spoken = prepare(messages, Format::AnthropicMessages, |id| !id.contains('/'));
        let id = |piece: &Piece<'_>| match piece {
            Piece::ToolCall { id, .. } => format!("call {id}"),
            Piece::ToolResult { id, .. } => format!("result {id}"),
            Piece::Text(text) => (*text).to_owned(),
            Piece::Image { .. } => "image".to_owned(),
        };
        spoken.iter().map(|turn| (turn.role, turn.pieces.iter().map(id).collect())).collect()
    }

    #[test]
    fn calls_and_results_come_in_pairs() {
        let messages = [
            Turn::new(Role::User, vec![text("go"), result("stray", "f")]),
            Turn::new(Role::Assistant, vec![call("a", "f"), call("b/c", "f"), call("", "g"), call("never", "f")]),
            Turn::new(Role::User, vec![result("", "g"), result("b/c", "f")]),
            Turn::new(Role::User, vec![result("a", "f"), result("a", "f")]),
            Turn::new(Role::Assistant, vec![call("a", "f"), text(" \n")]),
            Turn::new(Role::User, vec![result("a", "f"), result("never", "f")]),
            Turn::new(Role::Assistant, vec![call("last", "f")]),
        ];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            ids(&messages),
            [
                (Role::User, words(&["go"])),
                (Role::Assistant, words(&["call a", "call call00001", "call call00002"])),
                (Role::User, words(&["result call00002", "result call00001"])),
                (Role::User, words(&["result a"])),
                (Role::Assistant, words(&["call call00003"])),
                (Role::User, words(&["result call00003"])),
            ],
            "the unanswered, the unasked and the repeated are left out; ids are allowed and unique"
        );
    }

    #[test]
    fn what_came_over_another_wire_is_left_out() {
        let opaque = |wire| Opaque {
            wire,
            provider: "p".to_owned(),
            model: "m".to_owned(),
            connection: "c".to_owned(),
            blob: json!([]),
        };
        let turn = |role, wire| Turn { role, parts: vec![text("a"), text(" ")], opaque: Some(opaque(wire)) };
        let messages = [
            turn(Role::Assistant, Format::AnthropicMessages),
            turn(Role::Assistant, Format::Gemini),
            turn(Role::User, Format::AnthropicMessages),
        ];
        let spoken = prepare(&messages, Format::AnthropicMessages, |_| true);
        let kept: Vec<_> = spoken.iter().map(|turn| (turn.opaque.is_some(), turn.text.as_str())).collect();
        assert_eq!(kept, [(true, "a "), (false, ""), (false, "")]);
    }
}
