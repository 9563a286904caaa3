//! Which models are for chats: what the provider says, and where it says nothing, the obvious names.
//!
//! Leaving out too little is a model that answers with an error, leaving out too much is a model that has to be typed
//! in; neither loses anything.

use serde_json::Value;

use super::super::json::{first_text, text};
use super::ListFormat;

/// Whether the model can be chatted with, as far as can be told.
pub(super) fn is_for_chats(format: ListFormat, entry: &Value) -> bool {
    if is_withdrawn(format, entry) {
        return false;
    }
    says(format, entry).unwrap_or_else(|| {
        let id = entry.as_str().or_else(|| first_text(entry, &["id", "slug", "key", "model", "name"]));
        !id.is_some_and(|id| is_obviously_not(format, id))
    })
}

/// Whether the provider lists it and does not offer it now.
fn is_withdrawn(format: ListFormat, entry: &Value) -> bool {
    let is = |value: Option<&Value>, expected: bool| value == Some(&Value::Bool(expected));
    let offline = is(entry.get("model_spec").and_then(|it| it.get("offline")), true);
    let hidden = format == ListFormat::ChatGpt && text(entry, "visibility").is_some_and(|it| it != "list");
    let services = entry.get("providers").and_then(Value::as_array).filter(|_| format == ListFormat::HuggingFace);
    let served = services.is_none_or(|all| {
        let live = |service: &Value| text(service, "status").is_none_or(|status| status == "live");
        all.iter().any(live)
    });
    is(entry.get("active"), false) || offline || hidden || !served
}

/// What the provider says, if it does.
fn says(format: ListFormat, entry: &Value) -> Option<bool> {
    let capabilities = entry.get("capabilities").unwrap_or(&Value::Null);
    let named = ["completion_chat", "chat_completion"].iter().find_map(|name| capabilities.get(name));
    let flag = named.or_else(|| entry.get("supports_chat")).and_then(Value::as_bool);
    flag.or_else(|| words_on(capabilities, &["completion", "chat"]).filter(|chats| *chats || is_telling(capabilities)))
        .or_else(|| by_type(format, text(entry, "type")?))
        .or_else(|| {
            let modalities =
                entry.get("output_modalities").or_else(|| entry.get("architecture")?.get("output_modalities"));
            words_on(modalities?, &["text"])
        })
        // Being able to generate content says little: speech and pictures are content too.
        .or_else(|| words_on(entry.get("supportedGenerationMethods")?, &["generateContent"]).filter(|chats| !chats))
        .or_else(|| text(entry.get("details")?, "family")?.contains("bert").then_some(false))
}

/// Whether one of `words` is in the list, if it is one.
fn words_on(list: &Value, words: &[&str]) -> Option<bool> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    Some(list.iter().filter_map(Value::as_str).any(|word| words.contains(&word)))
}

/// Whether a list of capabilities names one that a model has instead of chatting.
fn is_telling(capabilities: &Value) -> bool {
    words_on(capabilities, &["embedding", "embeddings", "image", "audio", "rerank", "moderation"]) == Some(true)
}

fn by_type(format: ListFormat, type_: &str) -> Option<bool> {
    match type_ {
        // At Together these complete text and know no turns; elsewhere the word is for what chats.
        "language" | "code" if format == ListFormat::Together => Some(false),
        "chat" | "llm" | "vlm" | "text" | "language" => Some(true),
        "embedding" | "embeddings" | "image" | "audio" | "video" | "music" | "moderation" | "rerank" | "reranker"
        | "reranking" | "speech" | "tts" | "stt" | "asr" | "transcribe" | "transcription" | "upscale" | "inpaint" => {
            Some(false)
        }
        _ => None,
    }
}

fn is_obviously_not(format: ListFormat, id: &str) -> bool {
    const BEGINNINGS: [&str; 6] = ["embed", "rerank", "whisper", "moderat", "transcri", "nemoguard"];
    const WORDS: [&str; 30] = [
        "aqa",
        "asr",
        "audio",
        "bge",
        "clip",
        "dall",
        "diffusion",
        "e5",
        "flux",
        "guard",
        "gte",
        "image",
        "imagen",
        "imagine",
        "minilm",
        "mxbai",
        "nvclip",
        "ocr",
        "orpheus",
        "realtime",
        "sdxl",
        "shieldgemma",
        "sora",
        "speech",
        "stt",
        "t2i",
        "t2v",
        "tts",
        "veo",
        "voyage",
    ];
    const COMPLETIONS: [&str; 3] = ["gpt-3.5-turbo-instruct", "davinci-", "babbage-"];
    let id = id.to_ascii_lowercase();
    let mut words = id.split(|character: char| !character.is_alphanumeric());
    COMPLETIONS.iter().any(|name| id.starts_with(name))
        || words.any(|word| {
            BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
                || WORDS.contains(&word)
                || (format == ListFormat::Gemini && word == "live")
        })
}
