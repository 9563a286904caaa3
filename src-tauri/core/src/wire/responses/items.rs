//! The items that an answer consists of, and how much of each was given out.
//!
//! Everything is said up to four times: as a delta, when its part is done, when its item is done, and in the response
//! at the end; and any of the four may be missing. So each part is given out the first time it comes, as a stream if
//! it comes as one.

use serde_json::{Map, Value, json};

use super::super::json::text;
use super::super::{StreamEvent, outline};

const MOST_ITEMS: usize = 4_096;
const MOST_PARTS: usize = 65_536;
/// The most bytes of arguments, and of what has to be sent back.
const MOST_KEPT: usize = 16 * 1024 * 1024;

/// The items so far.
#[derive(Debug, Default)]
pub(super) struct Items {
    all: Vec<Item>,
    parts: usize,
    kept: usize,
    /// The part that was last heard of, where the next one has to be set off from it.
    last_text: Option<(usize, Part)>,
    last_reasoning: Option<(usize, Part)>,
}

#[derive(Debug, Default)]
struct Item {
    index: Option<u64>,
    id: String,
    /// The parts that were given out, or begun.
    heard: Vec<Part>,
    /// Bytes of its text, and of blank lines that we put before it.
    bytes: usize,
    ours: usize,
    phase: Option<String>,
    call: Option<Call>,
    echo: Option<Value>,
    done: bool,
}

#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

/// A part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) index: u64,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the model says.
    Text,
    /// What it says instead of an answer.
    Refusal,
    /// The summary of its thoughts.
    Summary,
    /// Its thoughts.
    Thought,
}

/// How a part came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// A piece of it.
    Delta,
    /// All of it, perhaps once more.
    Whole,
}

impl Items {
    /// More than any model writes.
    pub(super) fn too_many(&self) -> bool {
        self.all.len() > MOST_ITEMS || self.parts > MOST_PARTS || self.kept > MOST_KEPT
    }

    /// Takes a part, or a piece of it, of the item that `event` names.
    pub(super) fn part(&mut self, event: &Value, part: Part, how: How, words: &str, events: &mut Vec<StreamEvent>) {
        let position = self.position(event.get("output_index").and_then(Value::as_u64), text(event, "item_id"));
        self.say(position, part, how, words, events);
    }

    /// Takes the arguments of a call, or a piece of them.
    pub(super) fn arguments(&mut self, event: &Value, how: How, arguments: &str) {
        let position = self.position(event.get("output_index").and_then(Value::as_u64), text(event, "item_id"));
        let Some(item) = self.all.get_mut(position) else { return };
        let call = item.call.get_or_insert_default();
        if how == How::Whole {
            call.arguments.clear();
        }
        call.arguments.push_str(arguments);
        self.kept += arguments.len();
    }

    /// Takes an item that was begun or is done.
    pub(super) fn item(&mut self, index: Option<u64>, item: &Value, done: bool, events: &mut Vec<StreamEvent>) {
        let position = self.position(index, text(item, "id"));
        let Some(known) = self.all.get_mut(position) else { return };
        known.done |= done;
        known.phase = text(item, "phase").map(str::to_owned).or(known.phase.take());
        match text(item, "type") {
            Some("function_call") => {
                let call = known.call.get_or_insert_default();
                for (field, key) in
                    [(&mut call.id, "call_id"), (&mut call.name, "name"), (&mut call.arguments, "arguments")]
                {
                    if let Some(value) = text(item, key) {
                        self.kept += value.len();
                        value.clone_into(field);
                    }
                }
            }
            Some("reasoning") if done => {
                known.echo = reasoning(item);
                self.kept += text(item, "encrypted_content").map_or(0, str::len);
                let parts = [("summary", Kind::Summary), ("content", Kind::Thought)];
                for (list, kind) in parts {
                    self.parts(position, item.get(list), |_| kind, events);
                }
            }
            Some("message") if done => {
                if known.is_commentary() {
                    known.echo = commentary(item);
                }
                let kind = |part: &Value| if part.get("refusal").is_some() { Kind::Refusal } else { Kind::Text };
                self.parts(position, item.get("content"), kind, events);
            }
            _ => {}
        }
    }

    /// Takes the items of the response at the end, where no item was done before.
    pub(super) fn output(&mut self, response: &Value, events: &mut Vec<StreamEvent>) {
        if self.all.iter().any(|item| item.done) {
            return;
        }
        for (index, item) in (0..).zip(response.get("output").and_then(Value::as_array).into_iter().flatten()) {
            self.item(Some(index), item, true, events);
        }
    }

    /// Gives out the calls, and what has to be sent back. Whether there were calls.
    pub(super) fn finish(&mut self, events: &mut Vec<StreamEvent>) -> bool {
        let (mut steps, mut echoes, mut called) = (Vec::new(), 0, false);
        // Reasoning with nothing behind it is refused: that is where the answer was cut off.
        let wanted = |item: &Item| item.bytes > 0 || item.call.is_some() || item.is_commentary();
        let end = self.all.iter().rposition(wanted).map_or(0, |last| last + 1);
        for item in self.all.drain(..end) {
            if item.ours > 0 {
                steps.push(outline::skip(item.ours));
            }
            if item.bytes > 0 {
                let note = item.phase.map_or(Value::Null, |phase| json!({ "phase": phase }));
                steps.push(outline::text(item.bytes, note));
            }
            if let Some(value) = item.echo {
                echoes += 1;
                steps.push(outline::echo(value));
            }
            if let Some(Call { id, name, arguments }) = item.call.filter(|call| !call.name.is_empty()) {
                called = true;
                steps.push(outline::call(&id));
                events.push(StreamEvent::ToolCall { id, name, arguments });
            }
        }
        if echoes > 0 {
            events.push(StreamEvent::Opaque(steps.into()));
        }
        called
    }

    /// Where the item is; made if it is new. Servers differ in what they name it by, so the index decides.
    fn position(&mut self, index: Option<u64>, id: Option<&str>) -> usize {
        let by_index = |item: &Item| index.is_some() && item.index == index;
        let by_id = |item: &Item| (index.is_none() || item.index.is_none()) && id.is_some_and(|id| item.id == id);
        if let Some(found) = self.all.iter().position(|item| by_index(item) || by_id(item)) {
            return found;
        }
        if self.all.len() <= MOST_ITEMS {
            self.all.push(Item { index, id: id.unwrap_or_default().to_owned(), ..Item::default() });
        }
        self.all.len() - 1
    }

    fn parts(
        &mut self,
        position: usize,
        list: Option<&Value>,
        kind: impl Fn(&Value) -> Kind,
        events: &mut Vec<StreamEvent>,
    ) {
        for (index, value) in (0..).zip(list.and_then(Value::as_array).into_iter().flatten()) {
            let words = text(value, "text").or_else(|| text(value, "refusal")).unwrap_or_default();
            self.say(position, Part { kind: kind(value), index }, How::Whole, words, events);
        }
    }

    fn say(&mut self, position: usize, part: Part, how: How, words: &str, events: &mut Vec<StreamEvent>) {
        let Some(item) = self.all.get_mut(position) else { return };
        let heard = item.heard.contains(&part);
        if words.is_empty() || self.parts > MOST_PARTS || heard && how == How::Whole {
            return;
        }
        if !heard {
            item.heard.push(part);
            self.parts += 1;
        }
        let aside = item.is_commentary() || matches!(part.kind, Kind::Summary | Kind::Thought);
        let last = if aside { &mut self.last_reasoning } else { &mut self.last_text };
        // The parts of one message are one text; messages and thoughts are set off from each other.
        let set_off = last.is_some_and(|(before, other)| before != position || aside && other != part);
        *last = Some((position, part));
        let words = if set_off { format!("\n\n{words}") } else { words.to_owned() };
        if aside {
            return events.push(StreamEvent::Reasoning(words));
        }
        let ours = if set_off { 2 } else { 0 };
        item.ours += ours;
        item.bytes += words.len() - ours;
        events.push(if part.kind == Kind::Refusal { StreamEvent::Refusal(words) } else { StreamEvent::Text(words) });
    }
}

impl Item {
    /// What the model says while it works, before the answer.
    fn is_commentary(&self) -> bool {
        self.phase.as_deref() == Some("commentary")
    }
}

/// A reasoning item as it goes back: encrypted, or not at all. Without its id, which would be looked up and not found.
fn reasoning(item: &Value) -> Option<Value> {
    text(item, "encrypted_content")?;
    let mut back: Map<String, Value> = item.as_object()?.clone();
    back.remove("id");
    back.remove("status");
    back.retain(|_, value| !value.is_null());
    back.entry("summary").or_insert_with(|| json!([]));
    Some(back.into())
}

/// A remark as it goes back.
fn commentary(item: &Value) -> Option<Value> {
    let parts = item.get("content")?.as_array()?.iter().filter_map(|part| text(part, "text"));
    let content: Vec<Value> = parts.map(|text| json!({ "type": "output_text", "text": text })).collect();
    (!content.is_empty()).then(|| json!({ "role": "assistant", "phase": "commentary", "content": content }))
}
