//! Making a provider's words fit to be shown and logged.
//!
//! Providers echo the key they were given ("Incorrect API key provided: sk-…"), so whatever looks like one is masked
//! before anything else sees the text. A shape is all there is to go by here: who knows the credential is not this
//! module's business. Names of models and plain words stay readable.

use crate::words::is_invisible;

const MASK: &str = "•••";
const LIMIT: usize = 500;
/// A run of at least this many characters with letters and digits in it is taken for a secret.
const RUN: usize = 20;
const PREFIXES: [&str; 16] = [
    "sk-",
    "sk_",
    "pk-",
    "pk_",
    "rk_",
    "gsk_",
    "hf_",
    "xai-",
    "ghp_",
    "gho_",
    "ghu_",
    "github_pat_",
    "AIza",
    "AQ.",
    "ya29.",
    "eyJ",
];
/// What stands right before a secret, in lower case.
const LEADS: [&str; 9] = ["bearer", "basic", "key", "token", "secret", "password", "code", "verifier", "credential"];
/// What may stand between such a word and the secret.
const FILLERS: [&str; 3] = ["provided", "is", "was"];

/// One line of at most 500 characters, without control characters, with secrets masked.
pub(super) fn clean(text: &str) -> String {
    // Longer than any message worth reading; the rest would be cut anyway.
    let end = text.char_indices().nth(8 * LIMIT).map_or(text.len(), |(index, _)| index);
    let cut_short = end < text.len();
    let masked = mask(&text[..end]);
    let mut line = String::new();
    for word in masked.split(|character: char| character.is_whitespace() || character.is_control()) {
        let word: String = word.chars().filter(|character| !is_invisible(*character)).collect();
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    match line.char_indices().nth(LIMIT - 1) {
        Some((index, _)) if cut_short || line.chars().nth(LIMIT).is_some() => {
            line.truncate(index);
            line.push('…');
        }
        _ => {}
    }
    line
}

fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut expected = false;
    while let Some(start) = rest.find(in_run) {
        let gap = &rest[..start];
        masked.push_str(gap);
        let end = rest[start..].find(|character| !in_run(character)).map_or(rest.len(), |length| start + length);
        let run = &rest[start..end];
        // A full stop or hyphen that ends a sentence is not part of the run, a lead's sign of equality neither.
        let core = run.trim_end_matches(['.', '-', '=', '/']);
        let (lead, value) = core.split_once('=').filter(|(lead, _)| is_lead(lead)).unwrap_or(("", core));
        let follows = expected && gap.chars().all(|character| !matches!(character, '.' | ',' | ';' | '(' | ')' | '\n'));
        if !value.is_empty() && (looks_secret(value) || (!lead.is_empty() || follows) && is_value(value)) {
            masked.push_str(&core[..core.len() - value.len()]);
            masked.push_str(MASK);
            masked.push_str(&run[core.len()..]);
        } else {
            masked.push_str(run);
        }
        rest = &rest[end..];
        let assigned = run.ends_with('=') || rest.trim_start_matches(['"', '\'', '`']).starts_with([':', '=']);
        let word = core.to_ascii_lowercase();
        expected = is_lead(core) && (assigned || matches!(word.as_str(), "bearer" | "basic" | "key" | "token"))
            || follows && FILLERS.contains(&word.as_str())
            || is_lead(core) && FILLERS.iter().any(|filler| rest.trim_start().starts_with(filler));
    }
    masked.push_str(rest);
    masked
}

fn in_run(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '+' | '/' | '=' | '~' | '*' | '%')
}

fn is_lead(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    LEADS.iter().any(|lead| word.ends_with(lead))
}

/// Whether the run after such a word is a value, and not the next word of a sentence.
fn is_value(run: &str) -> bool {
    run.len() >= 6 && run.bytes().any(|byte| !byte.is_ascii_lowercase())
}

fn looks_secret(run: &str) -> bool {
    if run.len() >= 8 && run.split(['/', '=']).any(|part| PREFIXES.iter().any(|prefix| part.starts_with(prefix))) {
        return true;
    }
    run.split(['=', '%']).any(|part| {
        part.len() >= RUN
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !part.split(['-', '_', '.', '/']).all(wordish)
    })
}

/// Whether this is what names are made of: a word, a number, a version or a size, or very short.
fn wordish(part: &str) -> bool {
    let letters = part.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = part.len() - letters.len();
    let rest = letters.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or(letters);
    let word = rest.bytes().all(|byte| byte.is_ascii_lowercase()) && digits <= 3;
    let upper = letters.len() <= 6 && letters.bytes().all(|byte| byte.is_ascii_uppercase()) && digits <= 3;
    let number = part.len() <= 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    word || upper || number || (part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_masked() {
        for (text, secret) in [
            ("Incorrect API key provided: sk-abc123. You can find it at https://a.test/keys.", "sk-abc123"),
            ("Incorrect API key provided: my-Plain-key.", "my-Plain-key"),
            ("bad sk-proj-********************abcd", "abcd"),
            ("header was 'Authorization: Bearer plain-Token-1'", "plain-Token-1"),
            ("{\"api_key\":\"opensesame1\"}", "opensesame1"),
            ("GET /v1?api_key=opensesame1&x=2", "opensesame1"),
            ("GET /v1?key=AIzaSyA1234567890 failed", "AIzaSyA1234567890"),
            ("token 0123456789abcdef0123 refused", "0123456789abcdef0123"),
            ("id 550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y_z", "eyJhbGciOiJIUzI1NiJ9"),
            ("got dGhpcyBpcyBhIHNlY3JldCB2YWx1ZQ== from you 9Zz8Yy7Xx6Ww5Vv4Uu3T", "dGhpcyBpcyBhIHNlY3JldCB2YWx1ZQ"),
            ("got dGhpcyBpcyBhIHNlY3JldCB2YWx1ZQ== from you 9Zz8Yy7Xx6Ww5Vv4Uu3T", "9Zz8Yy7Xx6Ww5Vv4Uu3T"),
            ("client_secret=\"hunter2hunter2\"", "hunter2hunter2"),
        ] {
            let cleaned = clean(text);
            assert!(!cleaned.contains(secret), "{cleaned:?} still holds {secret:?}");
            assert!(cleaned.contains(MASK), "{cleaned:?} shows that something was there");
        }
    }

    #[test]
    fn plain_words_stay() {
        for text in [
            "The model `claude-sonnet-4-5-20250929` does not exist or you do not have access to it.",
            "meta-llama/Llama-3.3-70B-Instruct-Turbo is not a chat model",
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens.",
            "See https://platform.example.com/docs/guides/error-codes/api-errors for details.",
            "Invalid API key",
            "Unexpected token in the request; the key is missing (code: 7)",
            "Qwen/Qwen3-235B-A22B-Instruct-2507 is overloaded",
        ] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn a_message_is_one_short_line() {
        assert_eq!(clean(" a\r\n\tb\u{0}\u{1b}[31mc\u{202E}d\u{200B} "), "a b [31mcd");
        let long = clean(&"ä".repeat(5_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (500, true));
        assert_eq!(clean(&"ä".repeat(500)), "ä".repeat(500));
        assert_eq!(clean(""), "");
    }
}
