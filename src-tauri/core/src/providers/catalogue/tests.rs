//! Every built-in entry keeps the rules of an entry, and a file that the person dropped counts or is named.

use std::collections::HashSet;

use super::*;
use crate::providers::{Group, Standing};
use crate::wire::{Format, ListFormat};

/// Offered before the others, in this order.
const POPULAR: [&str; 4] = ["openai", "anthropic", "google-gemini", "openrouter"];

fn ids(catalogue: &Catalogue) -> Vec<&str> {
    catalogue.iter().map(|provider| provider.id.as_str()).collect()
}

fn built_in() -> Vec<Provider> {
    parse(BUILT_IN).expect("the built-in catalogue keeps its own rules")
}

fn entry(id: &str, more: &str) -> String {
    format!("[[provider]]\nid = \"{id}\"\nname = \"Mine\"\nwire = \"chat_completions\"\n{more}\n")
}

fn provider(id: &str) -> Provider {
    built_in().into_iter().find(|provider| provider.id.as_str() == id).unwrap_or_else(|| panic!("{id} is built in"))
}

/// Whether it is a day, written as `YYYY-MM-DD`, on which this could have been read.
fn is_date(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    text.len() == 10 && matches!(parts[..], [Some(2024..=2099), Some(1..=12), Some(1..=31)])
}

fn is_environment_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[test]
fn the_built_in_catalogue_reads_and_the_sandbox_is_for_development_only() {
    let folder = tempfile::tempdir().unwrap();
    let (catalogue, notices) = Catalogue::load(folder.path(), true);
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(ids(&catalogue)[..5], ["sandbox", POPULAR[0], POPULAR[1], POPULAR[2], POPULAR[3]]);
    let all = ids(&catalogue).len();
    let (catalogue, _) = Catalogue::load(folder.path(), false);
    assert_eq!(ids(&catalogue)[..4], POPULAR);
    assert_eq!(ids(&catalogue).len(), all - 1, "the sandbox is the only entry of that kind");
}

#[test]
fn every_entry_says_what_an_entry_has_to_say() {
    let mut seen = HashSet::new();
    for provider in built_in() {
        let id = provider.id.as_str();
        assert!(seen.insert(provider.id.clone()), "{id} is there once");
        assert_eq!(provider.name.trim(), provider.name, "{id}: the name has no space around it");
        assert!(!provider.name.is_empty() && provider.name.chars().count() <= 24, "{id}: the name fits into the list");
        let note = provider.note.as_deref().unwrap_or_default();
        assert!(note.ends_with('.') && note.chars().count() <= 110, "{id}: the note is a short sentence: {note:?}");
        let fact = provider.fact.as_ref().unwrap_or_else(|| panic!("{id} says where its facts are from"));
        assert!(!fact.source.trim().is_empty(), "{id}: the source is named");
        assert!(is_date(&fact.date), "{id}: {:?} is a date", fact.date);
        for name in provider.key.iter().flat_map(|key| &key.environment) {
            assert!(is_environment_name(name), "{id}: {name} is the name of an environment variable");
        }
        if let Some(sign_in) = &provider.sign_in {
            let Standing { official, source, date } = &sign_in.standing;
            assert!(official, "{id}: a sign-in that the vendor forbids is not offered");
            assert!(!source.trim().is_empty() && is_date(date), "{id}: it is said where and when that was read");
        }
        assert!(provider.key.is_some() || provider.takes_none, "{id}: there is a way to connect");
        let refused_twice = provider.refuses.iter().any(|it| provider.parameters.contains_key(it));
        assert!(!refused_twice, "{id}: a parameter is added or left out, not both");
    }
}

#[test]
fn every_address_is_safe_and_whole() {
    for provider in built_in() {
        let id = provider.id.as_str();
        if let Some(base_url) = &provider.base_url {
            assert!(is_safe(base_url), "{id}: {base_url} is https, or on this machine");
            let written = base_url.as_str();
            assert!(base_url.path() == "/" || !written.ends_with('/'), "{id}: {written} ends without a slash");
            assert!(!base_url.path().contains("//"), "{id}: {written} has no empty step");
            let bare = base_url.query().is_none() && base_url.fragment().is_none();
            assert!(bare && base_url.username().is_empty(), "{id}: {written} is an address and nothing more");
            let is_local = base_url.scheme() == "http";
            assert_eq!(is_local, provider.group == Group::Local, "{id}: what is on this machine is grouped so");
            assert!(!is_local || base_url.port().is_some(), "{id}: a server on this machine has a port");
        }
        for page in provider.key.iter().filter_map(|key| key.page.as_ref()) {
            assert!(page.scheme() == "https" || provider.development, "{id}: {page} is https");
        }
        let has_page = provider.key.as_ref().is_some_and(|key| key.page.is_some());
        match provider.group {
            Group::Cloud => assert!(has_page && !provider.takes_none, "{id}: a service needs a key, made on a page"),
            Group::Local if provider.development => {}
            Group::Local => assert!(provider.takes_none && provider.base_url.is_some(), "{id}: one click connects it"),
            Group::Own => assert!(provider.base_url.is_none(), "{id}: the person says where it is"),
        }
    }
}

#[test]
fn those_who_list_to_anyone_are_asked_something_else_first() {
    let checks: Vec<(String, String)> =
        built_in().into_iter().filter_map(|provider| Some((provider.id.into(), provider.check?))).collect();
    let expected = [("openrouter", "key"), ("venice", "api_keys/rate_limits"), ("vercel", "credits")];
    assert_eq!(checks, expected.map(|(id, check)| (id.to_owned(), check.to_owned())));
    for provider in built_in().into_iter().filter(|provider| provider.check.is_some()) {
        assert!(!provider.takes_none, "{}: without a credential it would never answer", provider.id);
    }
    let bases: Vec<Url> = built_in().into_iter().filter_map(|provider| provider.base_url).collect();
    for host in
        ["router.huggingface.co", "integrate.api.nvidia.com", "ollama.com", "api.perplexity.ai", "api.sambanova.ai"]
    {
        assert!(bases.iter().all(|base| base.host_str() != Some(host)), "{host} takes any key for a good one");
    }
}

#[test]
fn nothing_retired_is_offered() {
    for provider in built_in() {
        let address = provider.base_url.as_ref().map(ToString::to_string).unwrap_or_default();
        for retired in
            ["models.github.ai", "models.inference.ai.azure.com", "api-inference.huggingface.co", "studio.nebius"]
        {
            assert!(!address.contains(retired), "{}: {retired} is no more", provider.id);
        }
    }
}

#[test]
fn they_are_offered_in_order() {
    let offered: Vec<Provider> = built_in().into_iter().filter(|provider| !provider.development).collect();
    let groups: Vec<Group> = offered.iter().map(|provider| provider.group).collect();
    let mut in_order = groups.clone();
    in_order.sort_by_key(|group| match group {
        Group::Cloud => 0,
        Group::Local => 1,
        Group::Own => 2,
    });
    assert_eq!(groups, in_order, "services, then this machine, then whatever else");
    let popular: Vec<&str> = offered.iter().take(POPULAR.len()).map(|provider| provider.id.as_str()).collect();
    assert_eq!(popular, POPULAR);
    for group in [Group::Cloud, Group::Local] {
        let rest = offered.iter().skip(POPULAR.len()).filter(|provider| provider.group == group);
        let names: Vec<String> = rest.map(|provider| provider.name.to_lowercase()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}

#[test]
fn everyone_is_there() {
    let names: HashSet<String> = built_in().into_iter().map(|provider| provider.id.into()).collect();
    let asked_for = [
        "openai",
        "anthropic",
        "google-gemini",
        "openrouter",
        "azure-openai",
        "mistral",
        "groq",
        "deepseek",
        "xai",
        "together",
        "venice",
        "zai",
        "zai-coding",
        "moonshot",
        "nebius",
        "cometapi",
        "fireworks",
        "cerebras",
        "cohere",
        "alibaba",
        "minimax",
        "vercel",
        "ollama",
        "lm-studio",
        "llama-cpp",
        "vllm",
        "jan",
        "openai-compatible",
        "anthropic-compatible",
        "gemini-compatible",
    ];
    for id in asked_for {
        assert!(names.contains(id), "{id} is missing");
    }
}

#[test]
fn the_wires_and_headers_of_the_great_ones() {
    let of = |id: &str| {
        let provider = provider(id);
        (provider.wire, provider.list, provider.auth)
    };
    let header = |name: &str| AuthHeader::Header(name.to_owned());
    assert_eq!(of("openai"), (Format::Responses, ListFormat::OpenAi, AuthHeader::Bearer));
    assert_eq!(of("anthropic"), (Format::AnthropicMessages, ListFormat::Anthropic, header("x-api-key")));
    assert_eq!(of("google-gemini"), (Format::Gemini, ListFormat::Gemini, header("x-goog-api-key")));
    assert_eq!(of("azure-openai"), (Format::ChatCompletions, ListFormat::OpenAi, header("api-key")));
    assert_eq!(of("ollama"), (Format::Ollama, ListFormat::Ollama, AuthHeader::Bearer));
    assert_eq!(provider("anthropic").headers["anthropic-version"], "2023-06-01");
}

#[test]
fn what_a_provider_refuses_is_taken_out_of_the_body() {
    let mistral = serde_json::Value::from(provider("mistral").extra());
    assert_eq!(mistral, serde_json::json!({ "stream_options": null }));
    assert!(provider("groq").extra().is_empty());
    let more = "parameters = { reasoning = { effort = \"low\" } }\nrefuses = [\"stream_options\"]";
    let mine = parse(&entry("mine", more)).unwrap().remove(0);
    let expected = serde_json::json!({ "reasoning": { "effort": "low" }, "stream_options": null });
    assert_eq!(serde_json::Value::from(mine.extra()), expected);
}

#[cfg(unix)]
#[test]
fn what_is_no_catalogue_is_left_out_at_once_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("providers.d");
    fs::create_dir(&files).unwrap();
    fs::create_dir(files.join("a-folder.toml")).unwrap();
    std::os::unix::fs::symlink("b-loop.toml", files.join("b-loop.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", files.join("c-endless.toml")).unwrap();
    std::process::Command::new("mkfifo").arg(files.join("d-pipe.toml")).status().unwrap();
    fs::write(files.join("e-large.toml"), "#".repeat(10_000_000)).unwrap();
    fs::write(files.join("f-binary.toml"), [0xFF, 0xFE, 0]).unwrap();
    fs::write(files.join("g-wrong.toml"), format!("[[provider]]\nid = \"canary{}", "x".repeat(900_000))).unwrap();
    fs::write(files.join("h-type.toml"), "[[provider]]\nid = \"canary secret\"\n").unwrap();
    let (catalogue, notices) = Catalogue::load(folder.path(), false);
    let before = Catalogue::load(Path::new("/nowhere"), false).0;
    assert_eq!(ids(&catalogue), ids(&before));
    assert_eq!(notices.len(), 8, "{notices:?}");
    for notice in &notices {
        assert!(notice.len() < 400 && !notice.contains("canary"), "{notice}");
    }
    assert!(notices[6].contains("g-wrong.toml") && notices[6].contains("line 2"), "{}", notices[6]);
}

#[test]
fn a_dropped_file_adds_and_replaces_and_a_broken_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("providers.d");
    fs::create_dir(&files).unwrap();
    let at = |id: &str, url: &str| entry(id, &format!("base_url = \"{url}\""));
    fs::write(files.join("a.toml"), at("openrouter", "http://localhost:1/v1")).unwrap();
    fs::write(files.join("b.toml"), at("mine", "https://mine.example/v1")).unwrap();
    fs::write(files.join("open.toml"), at("open", "http://mine.example/v1")).unwrap();
    fs::write(files.join("header.toml"), entry("header", "auth = { header = \"x api key\" }")).unwrap();
    fs::write(files.join("value.toml"), entry("value", "headers = { X-Title = \"two\\nlines\" }")).unwrap();
    fs::write(files.join("broken.toml"), "[[provider]").unwrap();
    fs::write(files.join("ignored.txt"), "not a catalogue").unwrap();
    let before = Catalogue::load(Path::new("/nowhere"), false).0;
    let (catalogue, notices) = Catalogue::load(folder.path(), false);
    let mut expected = ids(&before);
    expected.push("mine");
    assert_eq!(ids(&catalogue), expected, "one is added at the end, one keeps its place");
    let replaced = catalogue.get(&"openrouter".parse().unwrap()).unwrap();
    assert_eq!((replaced.name.as_str(), replaced.group), ("Mine", Group::Own));
    assert_eq!(notices.len(), 4, "{notices:?}");
    let reasons =
        [("broken.toml", ""), ("header.toml", "x api key"), ("open.toml", "mine.example"), ("value.toml", "X-Title")];
    for (notice, (file, reason)) in notices.iter().zip(reasons) {
        assert!(notice.contains(file) && notice.contains(reason), "{notice} names {file} and {reason:?}");
    }
}
