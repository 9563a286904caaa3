//! As much of HTML as filling in a form needs: tags and their attributes.
//!
//! Not a parser: the pages it reads are the sandbox's own and those of servers made for tests, which nest nothing odd.

/// One opening tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// `form`, `input`…, in lower case.
    pub name: String,
    /// Its attributes in order, decoded; one without a value has an empty one.
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str())
    }
}

/// The opening tags of a page, in order.
pub fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
            continue;
        }
        let end = rest.find(|letter: char| letter.is_ascii_whitespace() || letter == '>' || letter == '/');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        let (attributes, after) = attributes(after);
        tags.push(Tag { name: name.to_ascii_lowercase(), attributes });
        rest = after;
    }
    tags
}

fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (attributes, rest);
        }
        let end = rest.find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '=' | '>' | '/'));
        // A stray equals sign would otherwise be an attribute of no letters, again and again.
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()).max(1));
        let after_name = after.trim_start();
        let (value, after) = match after_name.strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        attributes.push((name.to_ascii_lowercase(), decode(value)));
        rest = after;
    }
}

fn value(rest: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = rest.find(|letter: char| letter.is_ascii_whitespace() || letter == '>');
    rest.split_at(end.unwrap_or(rest.len()))
}

fn decode(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn tags_and_attributes_are_read() {
        let page = r#"<!doctype html><form METHOD=post action="/a?b=1&amp;c=2"><input type=radio checked value='x y'/></form>"#;
        let found = tags(page);
        let names: Vec<&str> = found.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["form", "input"], "closing tags and the doctype are no tags here");
        assert_eq!(found[0].attribute("action"), Some("/a?b=1&c=2"), "entities are decoded");
        assert_eq!(found[0].attribute("method"), Some("post"), "names are in lower case");
        assert_eq!(found[1].attribute("value"), Some("x y"), "single quotes count");
        assert_eq!(found[1].attribute("checked"), Some(""), "an attribute needs no value");
        assert!(tags("<a =").len() <= 1, "nonsense ends");
    }
}
