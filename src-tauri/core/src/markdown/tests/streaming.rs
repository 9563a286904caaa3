//! Streamed and whole are the same, and a frame costs what its open block costs.

use proptest::prelude::*;

use super::super::fence::OpenFence;
use super::{checker, html};
use crate::markdown::{Stream, render};

const SAMPLE: &str = "# Plan\n\nFirst *a*, then\nb.\n***bold*** start\n\n1. one\n2. two\n   - deep\n\n     more\n\n3. three\n\n\
    Title\n=====\n\n```rust\nfn main() {\n\n    println!(\"<>\");\n}\n```\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\nafter `code`\n\
    #not a heading\n#\n\n> quote\nlazy\n\n    indented\n\n\n    code\n- [x] done\n- [ ] open\n\n* other\n***\n<div>\nraw\n\n\
    Grüße 世界 🚀 [l](https://x.test)\n~~~\nunclosed\n";

/// Everything that was closed, in order; checks every frame on the way.
fn stream<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut stream = Stream::new();
    let mut closed = Vec::new();
    for piece in pieces {
        stream.push(piece);
        let frame = stream.frame();
        assert_eq!(checker::check(&frame.tail).err(), None, "{:?}", frame.tail);
        closed.extend(frame.closed);
    }
    closed.extend(stream.finish().closed);
    closed
}

fn by(text: &str, size: usize) -> Vec<&str> {
    let ends: Vec<usize> = text.char_indices().map(|(index, _)| index).step_by(size).chain([text.len()]).collect();
    ends.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect()
}

#[test]
fn streamed_is_the_same_as_whole() {
    let whole = render(SAMPLE);
    for size in 1..40 {
        assert_eq!(stream(by(SAMPLE, size)), whole, "by {size}");
    }
    for (at, _) in SAMPLE.char_indices() {
        let (head, tail) = SAMPLE.split_at(at);
        assert_eq!(stream([head, tail]), whole, "split at {at}");
    }
    let returns = SAMPLE.replace('\n', "\r\n");
    assert_eq!(stream(by(&returns, 1)), render(&returns));
}

#[test]
fn what_is_shown_is_the_text_so_far() {
    let mut stream = Stream::new();
    let (mut closed, mut text) = (String::new(), String::new());
    for piece in by(SAMPLE, 1) {
        stream.push(piece);
        text.push_str(piece);
        let frame = stream.frame();
        closed.push_str(&frame.closed.concat());
        assert_eq!(closed.clone() + &frame.tail, html(&text), "after {text:?}");
        assert_eq!(stream.frame().tail, frame.tail, "asking again changes nothing");
        assert_eq!(stream.frame().closed, [""; 0], "and closes nothing");
    }
}

#[test]
fn an_earlier_definition_is_remembered() {
    let text = "[A b]: https://x.test\n\none\n\n[again]: https://y.test\n'title\n\nof [again]'\n\ntwo [a  B]\n\nthree [x][again]\n";
    assert_eq!(stream(by(text, 1)), render(text));
    assert!(html(text).contains("x.test"), "the links are links");
    let later = "one [a]\n\ntwo\n\n[a]: https://x.test\n";
    assert_eq!(stream(by(later, 1)).concat(), "<p>one [a]</p><p>two</p>", "a later one is the known exception");
}

#[test]
fn a_frame_costs_its_open_block() {
    let mut stream = Stream::new();
    for _ in 0..2_000 {
        for piece in ["Some words ", "and *more* of them.\n\n"] {
            stream.push(piece);
            stream.frame();
        }
    }
    assert!(stream.parsed < 4_000 * 100, "{} bytes were parsed for 4,000 frames of 62,000 bytes", stream.parsed);
}

#[test]
fn a_long_code_block_is_not_parsed_again() {
    let mut stream = Stream::new();
    let mut text = "before\n\n```rust\n".to_owned();
    stream.push(&text);
    let line = "let a = b < c && d; // ```\n";
    let mut closed = stream.frame().closed;
    for _ in 0..5_000 {
        stream.push(line);
        text.push_str(line);
        closed.extend(if text.len().is_multiple_of(17) { stream.frame().closed } else { Vec::new() });
    }
    let parsed = stream.parsed;
    for piece in [" half a l", "ine\n", "``", "`x\n", "  more\n"] {
        stream.push(piece);
        text.push_str(piece);
        let frame = stream.frame();
        assert_eq!(closed.concat() + &frame.tail, html(&text), "after {piece:?}");
    }
    assert_eq!(stream.parsed, parsed, "the parser was not asked");
    for piece in ["```", "\n", "\nafter\n"] {
        stream.push(piece);
        text.push_str(piece);
        let frame = stream.frame();
        closed.extend(frame.closed);
        assert_eq!(closed.concat() + &frame.tail, html(&text), "after {piece:?}");
    }
    closed.extend(stream.finish().closed);
    assert_eq!(closed, render(&text));
}

fn fragment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b c",
        "*",
        "**",
        "_",
        "`",
        "```",
        "~~~",
        "#",
        "# ",
        "## x",
        "\n",
        "\n",
        "\n\n",
        "\n\n",
        " ",
        "  ",
        "    ",
        "\t",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "-",
        "---",
        "***",
        "===",
        "> ",
        ">",
        "|",
        "| a | b |\n",
        "|---|---|\n",
        "|-|\n",
        "<div>",
        "</div>",
        "<!--",
        "-->",
        "<b>",
        "<",
        "&amp;",
        "\\",
        "[a](https://x.test)",
        "![",
        "](",
        ")",
        "[ ] ",
        "[x] ",
        "~~",
        "rust",
        "ä",
        "🚀",
        "<script>",
        "\r\n",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_markdown_streams_to_itself(fragments in prop::collection::vec(fragment(), 0..40)) {
        let text = fragments.concat();
        let whole = html(&text);
        prop_assert_eq!(checker::check(&whole).err(), None);
        prop_assert_eq!(stream(fragments.iter().copied()).concat(), whole.clone());
        prop_assert_eq!(stream(by(&text, 1)).concat(), whole);
    }

    #[test]
    fn any_text_is_safe(text in "\\PC{0,200}") {
        prop_assert_eq!(checker::check(&html(&text)).err(), None);
        prop_assert_eq!(stream(by(&text, 3)).concat(), html(&text));
    }

    #[test]
    fn a_fence_is_what_the_parser_says(
        opener in "[ ]{0,1}(`{3,4}|~{3,4})[ a-zA-Z+.,]{0,8}\n",
        lines in prop::collection::vec("[ ]{0,5}(`{2,5}|~{2,5}|a|<b>)?[ \tx]{0,2}", 0..6),
    ) {
        let text = opener + &lines.join("\n");
        if let Some(mut fence) = OpenFence::open(&text)
            && let Some(shown) = fence.frame(&text)
        {
            prop_assert_eq!(shown, html(&text));
        }
    }
}
