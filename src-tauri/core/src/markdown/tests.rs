//! What comes out is safe, well-formed, and the same streamed or whole.

mod checker;
mod corpora;
mod streaming;

use super::{plain, render};

fn html(text: &str) -> String {
    render(text).concat()
}

#[test]
fn blocks_are_top_level_elements() {
    let blocks = render("# One\n\ntwo *em* `co<de` ~~no~~  \nnext\n\n- a\n- b\n\n  c\n\n---\n> q\n");
    let expected = [
        "<h1>One</h1>",
        "<p>two <em>em</em> <code>co&lt;de</code> <del>no</del><br>next</p>",
        "<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>",
        "<hr>",
        "<blockquote><p>q</p></blockquote>",
    ];
    assert_eq!(blocks, expected);
    assert_eq!(render(""), [""; 0]);
    assert_eq!(render(" \n\n"), [""; 0]);
    assert_eq!(render("3. c\n4. d"), ["<ol start=\"3\"><li>c</li><li>d</li></ol>"]);
}

#[test]
fn raw_html_is_text() {
    assert_eq!(html("<script>alert(1)</script>"), "<p class=\"raw-html\">&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    assert_eq!(html("a <b onclick=\"x()\">b</b>"), "<p>a &lt;b onclick=&quot;x()&quot;&gt;b&lt;/b&gt;</p>");
    assert_eq!(html("a<br>b<BR />c<br x>"), "<p>a<br>b<br>c&lt;br x&gt;</p>");
    assert_eq!(html("&lt;img src=x&gt; \0"), "<p>&lt;img src=x&gt; \u{FFFD}</p>");
}

#[test]
fn links_are_checked() {
    let anchor = |address: &str, words: &str| format!("<a href=\"{address}\" rel=\"noreferrer noopener\">{words}</a>");
    assert_eq!(
        html("[a *b*](https://x.test/?a&b \"t\")"),
        format!("<p>{}</p>", anchor("https://x.test/?a&amp;b", "a <em>b</em>"))
    );
    assert_eq!(html("<mail@x.test>"), format!("<p>{}</p>", anchor("mailto:mail@x.test", "mail@x.test")));
    assert_eq!(html("<https://x.test>"), format!("<p>{}</p>", anchor("https://x.test/", "https://x.test")));
    assert_eq!(html("[a]\n\n[A]: http://x.test"), format!("<p>{}</p>", anchor("http://x.test/", "a")));
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "/etc",
        "#a",
        "java&#10;script:x",
        "<java script:x>",
    ] {
        assert_eq!(html(&format!("[*a*]({address})")), "<p><em>a</em></p>", "{address}");
    }
}

#[test]
fn pictures_are_named_and_not_loaded() {
    let link = |words: &str| {
        format!("<p><a class=\"image-link\" href=\"https://x.test/i.png\" rel=\"noreferrer noopener\">{words}</a></p>")
    };
    assert_eq!(html("![a *b* `c` ![d](e) <i>](https://x.test/i.png)"), link("a b c d &lt;i&gt;"));
    assert_eq!(html("![](https://x.test/i.png)"), link("https://x.test/i.png"));
    assert_eq!(html("![a](data:image/png;base64,AAAA)"), "<p>a</p>");
    let nested = html("[![a](https://x.test/i.png)](https://y.test)");
    assert_eq!(nested, "<p><a href=\"https://y.test/\" rel=\"noreferrer noopener\">a</a></p>", "no link in a link");
}

#[test]
fn code_says_its_language() {
    let code = |language: &str, text: &str| {
        format!(
            "<div class=\"code\" data-language=\"{language}\"><span class=\"code-language\">{language}</span>\
             <pre><code class=\"language-{language}\">{text}</code></pre></div>"
        )
    };
    assert_eq!(html("```Rust,ignore\nlet a = b < c;\n```"), code("rust", "let a = b &lt; c;\n"));
    assert_eq!(html("~~~ c++ x\n~~~"), code("c++", ""));
    assert_eq!(html("```\"><script>\nx\n```"), code("script", "x\n"));
    assert_eq!(html("    x\n"), "<div class=\"code\" data-language=\"\"><pre><code>x\n</code></pre></div>");
    assert_eq!(html("```日本\nx\n```"), "<div class=\"code\" data-language=\"\"><pre><code>x\n</code></pre></div>");
}

#[test]
fn tables_align_by_class() {
    let expected = "<div class=\"table\"><table><thead><tr><th class=\"align-left\">a</th><th class=\"align-center\">b</th>\
        <th class=\"align-right\">c</th><th>d</th></tr></thead><tbody><tr><td class=\"align-left\">1</td>\
        <td class=\"align-center\">2</td><td class=\"align-right\">3</td><td>4<br>5</td></tr></tbody></table></div>";
    assert_eq!(html("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4<br>5|"), expected);
}

#[test]
fn tasks_have_accessible_boxes() {
    let expected = "<ul><li><input type=\"checkbox\" disabled checked aria-label=\"Done\"> a</li>\
        <li><input type=\"checkbox\" disabled aria-label=\"To do\"> b</li></ul>";
    assert_eq!(html("- [x] a\n- [ ] b"), expected);
}

#[test]
fn nesting_is_limited() {
    for text in [">".repeat(5_000) + " a", "- ".repeat(5_000) + "a", "*a **b ".repeat(2_000) + &"** *".repeat(2_000)] {
        let html = html(&text);
        let depth = checker::check(&html).expect("it is well-formed");
        assert!(depth <= 70, "{depth} elements deep");
        assert!(html.contains('a'), "what is deeper is kept");
    }
}

#[test]
fn plain_text_is_shown_as_written() {
    let blocks = plain("\n*a* <b>\r\n  c & d\n \n\n# e");
    assert_eq!(blocks, ["<p>*a* &lt;b&gt;<br>  c &amp; d</p>", "<p># e</p>"]);
    assert_eq!(plain(" \n"), [""; 0]);
}
