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
    BUNDLE.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_parses() {
        assert!(FluentResource::try_new(ENGLISH.to_owned()).is_ok(), "messages/en.ftl holds a syntax error");
    }
}
