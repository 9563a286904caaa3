//! Parser events to HTML.
//!
//! The only place where a tag is written. Closing tags come from a stack, so that the result is well-formed whatever
//! the events are, and nesting is limited, because a browser's own parser is.

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd};

use super::links;
use crate::words::say;

/// Deeper elements are left out, and what is in them is kept.
const DEEPEST: usize = 64;
const LONGEST_LANGUAGE: usize = 32;

/// Writes one block at a time.
#[derive(Debug, Default)]
pub(super) struct Writer {
    html: String,
    /// What closes the open elements, innermost last; empty for an element that was left out.
    closing: Vec<&'static str>,
    in_link: bool,
    in_heading_row: bool,
    alignments: Vec<Alignment>,
    cell: usize,
    picture: Option<Picture>,
}

#[derive(Debug)]
struct Picture {
    address: String,
    words: String,
    /// Pictures inside its description.
    nested: usize,
}

impl Writer {
    /// The block that was written; the next one begins.
    pub(super) fn take(&mut self) -> String {
        while let Some(closing) = self.closing.pop() {
            self.html.push_str(closing);
        }
        self.in_link = false;
        std::mem::take(&mut self.html)
    }

    /// Writes one event.
    pub(super) fn event(&mut self, event: Event<'_>) {
        if self.picture.is_some() {
            return self.describe(&event);
        }
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Code(text) => {
                self.html.push_str("<code>");
                escape(&text, &mut self.html);
                self.html.push_str("</code>");
            }
            Event::InlineHtml(html) if is_line_break(&html) => self.html.push_str("<br>"),
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => escape(&text, &mut self.html),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                escape(&text, &mut self.html);
            }
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>"),
            Event::Rule => self.html.push_str("<hr>"),
            Event::TaskListMarker(done) => {
                let (checked, id) = if done { (" checked", "markdown-task-done") } else { ("", "markdown-task-open") };
                self.html.push_str("<input type=\"checkbox\" disabled");
                self.html.push_str(checked);
                self.html.push_str(" aria-label=\"");
                escape(&say(id), &mut self.html);
                self.html.push_str("\"> ");
            }
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        let closing = match tag {
            Tag::Image { dest_url, .. } => {
                let address = dest_url.into_string();
                self.picture = Some(Picture { address, words: String::new(), nested: 0 });
                return;
            }
            Tag::CodeBlock(kind) => open_code(&kind, &mut self.html),
            Tag::Link { link_type, dest_url, .. } => self.open_link(link_type, &dest_url),
            _ if self.closing.len() >= DEEPEST => "",
            Tag::Paragraph => self.element("<p>", "</p>"),
            Tag::Heading { level, .. } => {
                const ELEMENTS: [(&str, &str); 6] = [
                    ("<h1>", "</h1>"),
                    ("<h2>", "</h2>"),
                    ("<h3>", "</h3>"),
                    ("<h4>", "</h4>"),
                    ("<h5>", "</h5>"),
                    ("<h6>", "</h6>"),
                ];
                let (opening, closing) = ELEMENTS[(level as usize).clamp(1, 6) - 1];
                self.element(opening, closing)
            }
            Tag::BlockQuote(_) => self.element("<blockquote>", "</blockquote>"),
            Tag::HtmlBlock => self.element("<p class=\"raw-html\">", "</p>"),
            Tag::List(None) => self.element("<ul>", "</ul>"),
            Tag::List(Some(1)) => self.element("<ol>", "</ol>"),
            Tag::List(Some(first)) => self.element(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::Item => self.element("<li>", "</li>"),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.element("<div class=\"table\"><table>", "</tbody></table></div>")
            }
            Tag::TableHead => {
                (self.in_heading_row, self.cell) = (true, 0);
                self.element("<thead><tr>", "</tr></thead><tbody>")
            }
            Tag::TableRow => {
                self.cell = 0;
                self.element("<tr>", "</tr>")
            }
            Tag::TableCell => self.open_cell(),
            Tag::Emphasis => self.element("<em>", "</em>"),
            Tag::Strong => self.element("<strong>", "</strong>"),
            Tag::Strikethrough => self.element("<del>", "</del>"),
            Tag::Superscript
            | Tag::Subscript
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => "",
        };
        self.closing.push(closing);
    }

    fn element(&mut self, opening: &str, closing: &'static str) -> &'static str {
        self.html.push_str(opening);
        closing
    }

    fn open_cell(&mut self) -> &'static str {
        let class = match self.alignments.get(self.cell) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            Some(Alignment::None) | None => "",
        };
        self.cell += 1;
        let (name, closing) = if self.in_heading_row { ("<th", "</th>") } else { ("<td", "</td>") };
        self.html.push_str(name);
        self.html.push_str(class);
        self.html.push('>');
        closing
    }

    fn open_link(&mut self, link_type: LinkType, address: &CowStr<'_>) -> &'static str {
        let address = match link_type {
            LinkType::Email => links::allowed(&format!("mailto:{address}")),
            _ => links::allowed(address),
        };
        let Some(address) = address.filter(|_| !self.in_link && self.closing.len() < DEEPEST) else { return "" };
        self.in_link = true;
        open_anchor("", &address, &mut self.html);
        "</a>"
    }

    fn close(&mut self, tag: TagEnd) {
        let closing = self.closing.pop().unwrap_or("");
        self.html.push_str(closing);
        match tag {
            TagEnd::TableHead => self.in_heading_row = false,
            TagEnd::Link if !closing.is_empty() => self.in_link = false,
            _ => {}
        }
    }

    /// Inside a picture's description, which is text only.
    fn describe(&mut self, event: &Event<'_>) {
        let Some(picture) = &mut self.picture else { return };
        match event {
            Event::Start(Tag::Image { .. }) => picture.nested += 1,
            Event::End(TagEnd::Image) if picture.nested > 0 => picture.nested -= 1,
            Event::End(TagEnd::Image) => self.close_picture(),
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) | Event::Html(text) => {
                picture.words.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => picture.words.push(' '),
            _ => {}
        }
    }

    fn close_picture(&mut self) {
        let Some(Picture { address, words, .. }) = self.picture.take() else { return };
        match links::picture(&address).filter(|_| !self.in_link) {
            Some(address) => {
                open_anchor(" class=\"image-link\"", &address, &mut self.html);
                escape(if words.trim().is_empty() { &address } else { &words }, &mut self.html);
                self.html.push_str("</a>");
            }
            None => escape(&words, &mut self.html),
        }
    }
}

/// Opens a code block; what is in it goes on top of it, already escaped.
fn open_code(kind: &CodeBlockKind<'_>, html: &mut String) -> &'static str {
    let language = match kind {
        CodeBlockKind::Fenced(information) => language(information),
        CodeBlockKind::Indented => String::new(),
    };
    html.push_str("<div class=\"code\" data-language=\"");
    html.push_str(&language);
    if language.is_empty() {
        html.push_str("\"><pre><code>");
    } else {
        html.push_str("\"><span class=\"code-language\">");
        html.push_str(&language);
        html.push_str("</span><pre><code class=\"language-");
        html.push_str(&language);
        html.push_str("\">");
    }
    "</code></pre></div>"
}

/// The language of a code block: letters, digits and `+#-` only.
fn language(information: &str) -> String {
    let word = information.trim().split(|character: char| character.is_whitespace() || character == ',').next();
    let kept = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '+' | '#' | '-');
    let word = word.unwrap_or_default().chars().filter(kept).take(LONGEST_LANGUAGE);
    word.map(|character| character.to_ascii_lowercase()).collect()
}

fn open_anchor(class: &str, address: &str, html: &mut String) {
    html.push_str("<a");
    html.push_str(class);
    html.push_str(" href=\"");
    escape(address, html);
    html.push_str("\" rel=\"noreferrer noopener\">");
}

/// The one piece of raw HTML that means what it says: models break lines in tables with it.
fn is_line_break(html: &str) -> bool {
    let name = html.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    name.strip_suffix('/').unwrap_or(name).trim_end().eq_ignore_ascii_case("br")
}

/// Text as HTML, in an element or in a quoted attribute.
pub(super) fn escape(text: &str, html: &mut String) {
    let mut written = 0;
    for (index, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            0 => "\u{FFFD}",
            _ => continue,
        };
        html.push_str(&text[written..index]);
        html.push_str(entity);
        written = index + 1;
    }
    html.push_str(&text[written..]);
}
