//! The words the person reads, from the one message catalogue.
//!
//! `messages/en.ftl` (Fluent) is shared with the interface; a second language is one more file beside it.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;
use unic_langid::langid;

const ENGLISH: &str = include_str!("../messages/en.ftl");

static BUNDLE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    // A catalogue that does not parse is caught by this module's test; at run time what did parse is used.
    let resource = FluentResource::try_new(ENGLISH.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new_concurrent(vec![langid!("en")]);
    bundle.set_use_isolating(false);
    let _ = bundle.add_resource(resource);
    bundle
});

/// The message `id`, with nothing filled in.
pub fn say(id: &str) -> String {
    say_with(id, &[])
}

/// The message `id` with its variables filled in. An unknown id reads as itself, so that a gap shows.
pub fn say_with(id: &str, values: &[(&str, &str)]) -> String {
    let Some(pattern) = BUNDLE.get_message(id).and_then(|message| message.value()) else {
        return id.to_owned();
    };
    let args: FluentArgs<'_> = values.iter().map(|(key, value)| (*key, FluentValue::from(*value))).collect();
    let mut errors = Vec::new();
    let text = BUNDLE.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{id} is said without all of its values: {errors:?}");
    text
}

/// Whether a character shows as nothing or changes how others are shown. In words that came from elsewhere it could make
/// one name look like another.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{61C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_catalogue_parses() {
        assert!(FluentResource::try_new(ENGLISH.to_owned()).is_ok(), "messages/en.ftl holds a syntax error");
    }

    /// Everything the core and the shell are written in.
    fn sources(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_message_that_is_said_exists_and_every_message_is_said() {
        let core = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        sources(&core.join("src"), &mut text);
        sources(&core.join("../src"), &mut text);
        let defined: BTreeSet<&str> = ENGLISH
            .lines()
            .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(id, _)| id))
            .collect();
        let said = ["say(", "say_with("].into_iter().flat_map(|call| text.split(call).skip(1));
        let said = said.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        let unknown: BTreeSet<_> = said.filter(|id| !defined.contains(id) && !id.contains(' ')).collect();
        assert_eq!(unknown, BTreeSet::new(), "not in messages/en.ftl");
        let own = defined.iter().filter(|id| !id.starts_with("ui-"));
        let unused: Vec<_> = own.filter(|id| !text.contains(&format!("\"{id}\""))).collect();
        assert_eq!(unused, Vec::<&&str>::new(), "nothing says these; the interface's own begin with ui-");
    }
}
