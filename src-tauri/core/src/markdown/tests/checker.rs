//! A small reader of HTML that accepts what the writer may write, and nothing else.

const ELEMENTS: [&str; 29] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "input",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "br",
];
const EMPTY: [&str; 3] = ["br", "hr", "input"];

/// How deep the elements are nested, or what is wrong.
pub(super) fn check(html: &str) -> Result<usize, String> {
    let (mut rest, mut open, mut deepest) = (html, Vec::new(), 0);
    while let Some(start) = rest.find(['<', '>']) {
        let wrong = |what: &str| Err(format!("{what} at {:.80}", &rest[start..]));
        if rest.as_bytes()[start] == b'>' {
            return wrong("a bare >");
        }
        let Some(end) = rest[start..].find('>') else { return wrong("a tag without an end") };
        let tag = &rest[start + 1..start + end];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return wrong("a closing tag out of order");
            }
        } else {
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            if !ELEMENTS.contains(&name) {
                return wrong("a foreign element");
            }
            if let Err(what) = attribute_list(name, attributes) {
                return wrong(&what);
            }
            if name == "a" && open.contains(&"a") {
                return wrong("a link in a link");
            }
            if !EMPTY.contains(&name) {
                open.push(name);
                deepest = deepest.max(open.len());
            }
        }
        rest = &rest[start + end + 1..];
    }
    if open.is_empty() { Ok(deepest) } else { Err(format!("{open:?} left open")) }
}

fn attribute_list(element: &str, mut attributes: &str) -> Result<(), String> {
    while !attributes.is_empty() {
        let name_end = attributes.find(['=', ' ']).unwrap_or(attributes.len());
        let name = &attributes[..name_end];
        let mut value = "";
        attributes = &attributes[name_end..];
        if let Some(quoted) = attributes.strip_prefix("=\"") {
            let end = quoted.find('"').ok_or("an attribute without an end")?;
            value = &quoted[..end];
            attributes = &quoted[end + 1..];
        }
        attributes = attributes.strip_prefix(' ').unwrap_or(attributes);
        let plain =
            |extra: &str| value.chars().all(|character| character.is_ascii_alphanumeric() || extra.contains(character));
        let fine = match (element, name) {
            ("a", "href") => ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
            ("a", "rel") => value == "noreferrer noopener",
            (_, "class") | ("div", "data-language") => plain("+#-"),
            ("ol", "start") => value.parse::<u64>().is_ok(),
            ("input", "type") => value == "checkbox",
            ("input", "disabled" | "checked" | "aria-label") => true,
            _ => false,
        };
        if !fine {
            return Err(format!("{name}={value:?} on {element}"));
        }
    }
    Ok(())
}

#[test]
fn the_checker_sees_what_is_wrong() {
    for html in [
        "<p>",
        "<p></b>",
        "<script></script>",
        "<p onclick=\"x\"></p>",
        "<a href=\"javascript:x\"></a>",
        "<p style=\"x\"></p>",
        "<p class='x'></p>",
        "a > b",
        "<a href=\"https://x\"><a href=\"https://y\"></a></a>",
        "<img src=x>",
        "<svg/onload=x>",
    ] {
        assert!(check(html).is_err(), "{html}");
    }
    assert_eq!(check("<p>a<br><a href=\"https://x\" rel=\"noreferrer noopener\">b</a></p>"), Ok(2));
}
