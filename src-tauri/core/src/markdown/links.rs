//! Where links may lead.

use std::collections::HashMap;

use url::Url;

/// The address to put into a link, if it may be one: `http`, `https` and `mailto`, absolute.
///
/// The address is read and written by the same rules as the webview's own, so that what was checked is what opens.
pub(super) fn allowed(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto").then(|| url.into())
}

/// The address of a picture, if a browser may open it.
pub(super) fn picture(address: &str) -> Option<String> {
    allowed(address).filter(|address| !address.starts_with("mailto:"))
}

/// A link reference definition: `[label]: address`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition {
    label: String,
    address: String,
}

impl Definition {
    /// As it was written.
    pub(super) fn new(label: &str, address: &str) -> Self {
        Self { label: folded(label), address: address.to_owned() }
    }
}

/// The definitions of text that is no longer at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Definitions(HashMap<String, String>);

impl Definitions {
    /// More of them than any answer has; beyond, a link stays text.
    const MOST: usize = 1_000;

    /// Remembers one; the first of a label counts.
    pub(super) fn add(&mut self, definition: Definition) {
        if self.0.len() < Self::MOST {
            self.0.entry(definition.label).or_insert(definition.address);
        }
    }

    /// The address behind a label.
    pub(super) fn get(&self, label: &str) -> Option<&str> {
        if self.0.is_empty() { None } else { self.0.get(&folded(label)).map(String::as_str) }
    }
}

fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_mail() {
        for address in ["https://a.test/b?c=d#e", "HTTP://a.test", "mailto:a@b.test"] {
            assert!(allowed(address).is_some(), "{address}");
        }
        let others = [
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "app.patchbay:/focus",
            "tauri://localhost",
            "//a.test",
            "/path",
            "page.html",
            "#anchor",
            "",
            "https://",
        ];
        for address in others {
            assert_eq!(allowed(address), None, "{address:?}");
        }
        assert_eq!(allowed("https://a.test/\"><x y='z'>").as_deref(), Some("https://a.test/%22%3E%3Cx%20y='z'%3E"));
        assert_eq!(picture("mailto:a@b.test"), None);
    }
}
