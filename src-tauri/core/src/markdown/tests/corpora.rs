//! Hostile HTML collected by others, and the specification's own examples.

use std::path::Path;

use serde_json::Value;

use super::{checker, html};
use crate::markdown::Stream;

fn corpus(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} is needed: {error}", path.display()));
    serde_json::from_str(&text).expect("the corpus is JSON")
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry[key].as_str().expect("the entry has that text")
}

fn streamed(text: &str) -> Vec<String> {
    let mut stream = Stream::new();
    let mut shown = Vec::new();
    for character in text.chars() {
        stream.push(character.encode_utf8(&mut [0; 4]));
        let frame = stream.frame();
        shown.extend(frame.closed);
        shown.push(frame.tail);
    }
    shown.extend(stream.finish().closed);
    shown
}

#[test]
fn hostile_html_stays_text() {
    let corpus = corpus("xss.json");
    assert!(corpus.len() > 50, "the corpus is all there");
    for entry in &corpus {
        let payload = text(entry, "payload");
        let places = [
            payload.to_owned(),
            format!("Look: {payload} and *more*\n\n- {payload}\n\n> {payload}"),
            format!("[{payload}]({payload}) ![{payload}](<{payload}>) <{payload}> `{payload}`"),
            format!("```{payload}\n{payload}\n```\n\n| a | {payload} |\n|---|---|\n| {payload} | b |"),
            format!("[x]\n\n[x]: {payload}\n\n# {payload}\n\n[y](javascript:{payload} \"{payload}\")"),
            format!("<div>\n{payload}\n</div>\n\n&lt;{payload}"),
        ];
        for place in places {
            if let Err(wrong) = checker::check(&html(&place)) {
                panic!("{wrong}\nin {}: {place}", text(entry, "title"));
            }
        }
        if payload.len() < 300 {
            for shown in streamed(payload) {
                assert_eq!(checker::check(&shown).err(), None, "streamed {payload}");
            }
        }
    }
}

/// The same HTML written in one way: no blanks between tags, no marks of this module's own.
fn normal(html: &str) -> String {
    let mut normal = html.replace(" />", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&gt;", ">");
    for (from, to) in [
        ("<div class=\"table\">", ""),
        ("</tbody></table></div>", "</tbody></table>"),
        ("<tbody></tbody>", ""),
        (" aria-label=\"Done\"", ""),
        (" aria-label=\"To do\"", ""),
        ("<input type=\"checkbox\" disabled checked>", "<input checked disabled type=checkbox>"),
        ("<input type=\"checkbox\" disabled>", "<input disabled type=checkbox>"),
        ("<input checked=\"\" disabled=\"\" type=\"checkbox\">", "<input checked disabled type=checkbox>"),
        ("<input disabled=\"\" type=\"checkbox\">", "<input disabled type=checkbox>"),
        ("</code></pre></div>", "</code></pre>"),
        ("align=\"", "class=\"align-"),
    ] {
        normal = normal.replace(from, to);
    }
    // The specification's language classes are not sanitised, and there is no frame around its code.
    while let Some(start) = normal.find("<div class=\"code\"") {
        let end = normal[start..].find("<pre>").map_or(normal.len(), |length| start + length);
        normal.replace_range(start..end, "");
    }
    normal.replace("&lt;", "<").replace(">\n", ">").replace("\n<", "<").trim().to_owned()
}

#[test]
fn the_specification_is_followed() {
    let corpus = corpus("gfm-spec.json");
    let (mut compared, mut same, mut different) = (0, 0, Vec::new());
    for entry in &corpus {
        let (markdown, expected) = (text(entry, "markdown"), text(entry, "html"));
        let html = html(markdown);
        assert_eq!(checker::check(&html).err(), None, "{markdown}");
        for shown in streamed(markdown) {
            assert_eq!(checker::check(&shown).err(), None, "streamed {markdown}");
        }
        // Links, pictures and raw HTML are this module's own affair; addresses in plain text are not made links.
        let section = text(entry, "section");
        let own = ["<a ", "<img", "raw-html"].iter().any(|part| expected.contains(part) || html.contains(part));
        if own || section.to_lowercase().contains("html") || text(entry, "extension") == "autolink" {
            continue;
        }
        compared += 1;
        if normal(&html) == normal(expected) {
            same += 1;
        } else {
            different.push(format!("{section} {}: {markdown:?}\n  {html:?}\n  {expected:?}", entry["example"]));
        }
    }
    // The two that differ name a language in characters that a class here does not hold.
    let figure = format!("{same} of {compared} examples (of {})", corpus.len());
    assert!(compared >= 450 && compared - same <= 2, "{figure}\n{}", different.join("\n"));
}
