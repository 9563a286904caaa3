//! One entry of a list: what it is called, under the names that servers give these things.

use serde_json::Value;

use super::super::json::{count, first_count, first_text, text};
use super::{ListFormat, ListedModel};
use crate::words::is_invisible;

const LONGEST_ID: usize = 512;
const LONGEST_NAME: usize = 200;

/// What is read of an entry.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) id: &'a str,
    name: Option<String>,
    context: Option<u32>,
    /// Other ids of the same model.
    aliases: Vec<&'a str>,
}

impl<'a> Entry<'a> {
    /// Reads an entry, unless it has no id that could be asked for.
    pub(super) fn read(format: ListFormat, entry: &'a Value) -> Option<Self> {
        let id = entry.as_str().or_else(|| first_text(entry, &["id", "slug", "key", "model", "name"]))?;
        let id = if format == ListFormat::Gemini { id.strip_prefix("models/").unwrap_or(id) } else { id };
        if id.trim().is_empty() || id.len() > LONGEST_ID || id.contains(is_invisible) {
            return None;
        }
        let aliases = entry.get("aliases").and_then(Value::as_array);
        Some(Self {
            id,
            name: name(format, entry).filter(|name| name != id),
            context: context(entry),
            aliases: aliases.into_iter().flatten().filter_map(Value::as_str).collect(),
        })
    }

    pub(super) fn listed(&self) -> ListedModel {
        ListedModel { id: self.id.to_owned(), name: self.name.clone(), context: self.context }
    }

    fn is_also(&self, other: &Self) -> bool {
        self.aliases.contains(&other.id) || other.aliases.contains(&self.id)
    }

    fn follows_newest(&self) -> bool {
        self.id.ends_with("-latest")
    }
}

/// One entry a model, where each of its names was an entry: the one that stays when a newer version comes, or the
/// first.
pub(super) fn without_aliases(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let mut kept: Vec<Entry<'_>> = Vec::new();
    for entry in entries {
        match kept.iter_mut().find(|known| known.is_also(&entry)) {
            Some(known) if entry.follows_newest() && !known.follows_newest() => *known = entry,
            Some(_) => {}
            None => kept.push(entry),
        }
    }
    kept
}

fn name(format: ListFormat, entry: &Value) -> Option<String> {
    let keys: &[&str] = match format {
        // Its `name` is the id.
        ListFormat::Gemini => &["displayName", "display_name"],
        _ => &["display_name", "displayName", "name"],
    };
    let name = first_text(entry, keys).or_else(|| text(entry.get("model_spec")?, "name"))?;
    let words = name.split(|character: char| character.is_whitespace() || character.is_control());
    let words = words.map(|word| word.chars().filter(|character| !is_invisible(*character)).collect::<String>());
    let name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    Some(name.chars().take(LONGEST_NAME).collect()).filter(|name: &String| !name.is_empty())
}

/// What the model takes in; of one that is loaded, as it is loaded.
fn context(entry: &Value) -> Option<u32> {
    const KEYS: [&str; 7] = [
        "context_length",
        "context_window",
        "max_context_length",
        "max_input_tokens",
        "inputTokenLimit",
        "max_model_len",
        "max_prompt_length",
    ];
    let in_list = |key: &str| entry.get(key).and_then(Value::as_array).into_iter().flatten();
    let positive = |context: &u32| *context > 0;
    in_list("loaded_instances")
        .find_map(|instance| count(instance.get("config")?, "context_length").filter(positive))
        .or_else(|| first_count(entry, &KEYS).filter(positive))
        .or_else(|| count(entry.get("model_spec")?, "availableContextTokens").filter(positive))
        .or_else(|| count(entry.get("top_provider")?, "context_length").filter(positive))
        .or_else(|| in_list("providers").filter_map(|it| count(it, "context_length")).max().filter(positive))
}
