//! Streamed and whole are the same, and a frame costs what its open block costs.

use proptest::prelude::*;

use super::super::long::LONGEST;
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
fn a_line_that_was_nearly_a_table_closes_nothing() {
    for text in ["- a| a | b |\n|-|\n    |---|---|\n", "> a\n|-|\n    |---|---|\n\nb|c\n|-|\n"] {
        assert_eq!(stream(by(text, 1)).concat(), html(text), "{text:?}");
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

/// A block without an end, of each kind, and what every piece of it holds.
fn endless() -> Vec<(&'static str, String)> {
    const LINES: usize = 3_000;
    let lines = |line: &dyn Fn(usize) -> String| (1..=LINES).map(line).collect::<String>();
    vec![
        ("list", lines(&|n| format!("{n}. item *word{n}* with `code` and a few words\n"))),
        ("loose list", lines(&|n| format!("- item word{n}\n\n  more of it\n\n"))),
        ("nested list", "- top\n".to_owned() + &lines(&|n| format!("  - deeper word{n} and a few words\n"))),
        ("table", "| a | b |\n|:--|--:|\n".to_owned() + &lines(&|n| format!("| word{n} | and a few words |\n"))),
        ("code", "```rust\n".to_owned() + &lines(&|n| format!("let word{n} = a < b && c; // ``\n")) + "```\n"),
        ("indented code", lines(&|n| format!("    let word{n} = a < b && c;\n"))),
        ("quote", lines(&|n| format!("> word{n} and a few words\n"))),
        ("paragraph", lines(&|n| format!("word{n} and **a few** words\n"))),
        ("one line", lines(&|n| format!("word{n} and **a few** words "))),
        ("one word", lines(&|n| format!("word{n}{}", "äö".repeat(8)))),
        ("raw HTML", "<div>\n".to_owned() + &lines(&|n| format!("<b onclick=x>word{n}</b> and a few words\n"))),
        ("stars", lines(&|n| format!("**word{n} *_` "))),
        ("brackets", lines(&|n| format!("[word{n}](<[![ "))),
        ("definitions", lines(&|n| format!("[word{n}]: https://a.test/word{n}\n"))),
        ("blank lines", "\n \n".repeat(40_000)),
    ]
}

#[test]
fn a_frame_costs_the_same_whatever_never_ends() {
    for (kind, text) in endless() {
        let mut stream = Stream::new();
        let (mut closed, mut parsed) = (Vec::new(), 0);
        for piece in by(&text, 1_997) {
            stream.push(piece);
            let frame = stream.frame();
            let cost = stream.parsed - parsed;
            parsed = stream.parsed;
            assert!(cost <= 6 * LONGEST, "{kind}: {cost} bytes were parsed for one frame");
            assert!(frame.tail.len() <= 8 * LONGEST, "{kind}: {} bytes are sent with a frame", frame.tail.len());
            closed.extend(frame.closed);
        }
        assert!(parsed < text.len() * 60, "{kind}: {parsed} bytes were parsed for {}", text.len());
        closed.extend(stream.finish().closed);
        for block in &closed {
            assert_eq!(checker::check(block).err(), None, "{kind}");
        }
        assert_eq!(closed, render(&text), "{kind}: streamed is the same as whole");
        let shown = closed.concat();
        let complete = (1..=3_000).all(|n| shown.contains(&format!("word{n}")));
        assert!(
            complete || matches!(kind, "one word" | "definitions" | "blank lines"),
            "{kind}: a part of it was lost"
        );
    }
}

#[test]
fn what_goes_on_goes_on_as_what_it_was() {
    let all = endless();
    let blocks = |kind: &str| render(&all.iter().find(|(it, _)| *it == kind).unwrap().1);
    let list = blocks("list");
    assert!(list.len() > 5 && list.iter().all(|block| block.starts_with("<ol")), "a list stays a list");
    assert_eq!(list.concat().matches("<li>").count(), 3_000, "and its items whole");
    let second = list[1].split_once("word").unwrap().1.split('<').next().unwrap();
    assert!(list[1].starts_with(&format!("<ol start=\"{second}\">")), "with its numbers: {}", &list[1][..60]);
    let table = blocks("table");
    let heading = "<div class=\"table\"><table><thead><tr><th class=\"align-left\">a</th>";
    assert!(table.len() > 3 && table.iter().all(|block| block.starts_with(heading)), "a table keeps its heading");
    let code = blocks("code");
    assert!(
        code.len() > 3 && code.iter().all(|block| block.starts_with("<div class=\"code\" data-language=\"rust\">"))
    );
    assert_eq!(code.concat().matches("let word").count(), 3_000);
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
}
