//! Writing one answer: the call, the stream, the flushes, the end.
//!
//! Retried only before the first byte. What arrives is in the database within [`FLUSH`]. A failure to write it does not
//! stop the answer; it is told at the end, and the answer is kept in memory until a later write takes it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use reqwest::Response;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::run::Run;
use super::view::{MessageState, Usage};
use super::{Chats, Unsaved, view};
use crate::event::AppEvent;
use crate::ids::{MessageId, ModelReference};
use crate::pool::CallError;
use crate::providers::CallProfile;
use crate::store::StoreError;
use crate::store::messages::{self, MessageRecord, PartKind};
use crate::wire::{ChatRequest, ErrorKind, FinishReason, Part, ProviderError, StreamEvent, Turn};
use crate::words::{say, say_with};

/// What arrives is in the database after at most this long.
const FLUSH: Duration = Duration::from_millis(250);
/// How long the rest may take once the model has said that it is done: the count of tokens comes last.
const LINGER: Duration = Duration::from_secs(3);
/// How often a request is made before the first byte, at most.
const ATTEMPTS: u32 = 3;
/// The longest wait between two attempts, as nothing shows it; of one that asks for more the person is told instead.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What an answer is made from.
pub(super) struct Job {
    /// The empty answer, as stored.
    pub(super) answer: MessageRecord,
    /// Who answers.
    pub(super) reference: ModelReference,
    /// What was said so far.
    pub(super) history: Vec<Turn>,
}

/// A message as the model reads it; an answer that holds nothing is left out.
pub(super) fn turn(message: &MessageRecord) -> Option<Turn> {
    (!message.text.is_empty()).then(|| Turn::new(message.role, vec![Part::Text(message.text.clone())]))
}

/// Runs until the answer has ended, failed or was stopped, and stores how.
pub(super) async fn run(chats: Chats, run: Arc<Run>, job: Job) {
    let began = Instant::now();
    let mut writer = Writer { chats: &chats, run: &run, message: job.answer.id, text: 0, reasoning: 0, position: 0 };
    let mut usage = None;
    let end = {
        let stream = stream(&chats, &run, &job, &mut writer, &mut usage).boxed();
        tokio::select! {
            biased;
            () = run.stopped() => End { state: MessageState::Stopped, remark: Some(say("chat-stopped")) },
            end = stream => end,
        }
    };
    let (text, reasoning) = {
        let content = run.content();
        (content.text.clone(), content.reasoning.clone())
    };
    let chat = job.answer.chat;
    let mut message = MessageRecord {
        state: end.state,
        remark: end.remark,
        usage,
        duration_ms: u32::try_from(began.elapsed().as_millis()).ok(),
        text,
        reasoning,
        ..job.answer
    };
    let stored = message.clone();
    let written = chats.0.options.store.write(move |transaction| messages::finish(transaction, &stored)).await;
    if let Err(error) = written {
        tracing::error!(%error, "an answer could not be saved");
        let words = say_with("chat-not-saved", &[("reason", &error.words())]);
        let unsaved = Unsaved { record: message, words };
        message = unsaved.shown();
        chats.unsaved().insert(message.id, unsaved);
    }
    chats.runs().remove(&chat);
    run.end(view::message(&message));
    chats.0.options.events.send(AppEvent::ChatChanged { chat });
    chats.0.options.events.send(AppEvent::ChatsChanged);
}

/// How an answer ended.
struct End {
    state: MessageState,
    remark: Option<String>,
}

async fn stream(chats: &Chats, run: &Run, job: &Job, writer: &mut Writer<'_>, usage: &mut Option<Usage>) -> End {
    let provider = chats.0.options.pool.provider_name(job.reference.connection);
    let (profile, mut response, _permit) = match call(chats, job).await {
        Ok(answered) => answered,
        Err(error) => return failed(error.words(&provider)),
    };
    let mut decoder = profile.format().decoder();
    let mut finish = None;
    let (mut flush_at, mut close_at) = (None, None);
    loop {
        let chunk = tokio::select! {
            () = sleep_until(flush_at) => {
                writer.flush().await;
                flush_at = None;
                continue;
            }
            // Some servers never close; others break off after the last word. Either way all of it is there.
            () = sleep_until(close_at) => Ok(None),
            chunk = response.chunk() => if decoder.is_done() { chunk.or(Ok(None)) } else { chunk },
        };
        let (events, ended) = match chunk {
            Ok(Some(bytes)) => {
                let events = decoder.push(&bytes);
                (events, decoder.has_ended())
            }
            Ok(None) => (std::mem::replace(&mut decoder, profile.format().decoder()).finish(), true),
            Err(error) => {
                tracing::info!(timeout = error.is_timeout(), "an answer broke off");
                return failed(say_with("chat-cut", &[("provider", &provider)]));
            }
        };
        let said = events.iter().any(|event| matches!(event, StreamEvent::Text(_) | StreamEvent::Reasoning(_)));
        for event in events {
            match event {
                StreamEvent::Text(text) | StreamEvent::Refusal(text) => run.add(&text, ""),
                StreamEvent::Reasoning(text) => run.add("", &text),
                StreamEvent::Usage(counted) => *usage = Some(counted),
                StreamEvent::Finish(reason) => finish = Some(reason),
                StreamEvent::Error(error) => {
                    return failed(stream_error(&profile.without_credential(error), &provider));
                }
                StreamEvent::ToolCall { .. } | StreamEvent::Opaque(_) => {}
            }
        }
        if ended {
            return ended_with(finish, run);
        }
        flush_at = flush_at.or(Some(Instant::now() + FLUSH));
        if decoder.is_done() {
            // Some say in every chunk that they are done: it is only true once nothing more is said.
            close_at = close_at.filter(|_| !said).or(Some(Instant::now() + LINGER));
        }
    }
}

/// Waits until then; for ever, where there is no such time.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// A call that is being answered; its place among the connection's requests is free again once this is dropped.
type Answered = (CallProfile, Response, Option<OwnedSemaphorePermit>);

/// The call with its retries; the permit is given back while waiting for the next attempt.
async fn call(chats: &Chats, job: &Job) -> Result<Answered, CallError> {
    let pool = &chats.0.options.pool;
    let connection = job.reference.connection;
    let mut attempt = 1;
    loop {
        let permit = pool.permit(connection).await;
        let called = pool
            .call(connection, |profile, http| {
                let request = profile.format().encode(&ChatRequest {
                    model: job.reference.model.as_str(),
                    messages: &job.history,
                    system: None,
                    max_output: None,
                    extra: profile.extra(),
                });
                profile.post(http, &request)
            })
            .await;
        let error = match called {
            Ok((profile, response)) => return Ok((profile, response, permit)),
            Err(error) => error,
        };
        drop(permit);
        let wait = wait_before(attempt, &error);
        if attempt == ATTEMPTS || !error.is_retryable() || wait > LONGEST_WAIT {
            return Err(error);
        }
        attempt += 1;
        tokio::time::sleep(wait).await;
    }
}

/// What the provider asks for; otherwise half a second, doubled each time, and up to half as much again.
fn wait_before(attempt: u32, error: &CallError) -> Duration {
    if let CallError::Provider(ProviderError { retry_after: Some(after), .. }) = error {
        return *after;
    }
    let mut random = [0_u8; 1];
    let _ = getrandom::fill(&mut random);
    Duration::from_millis(250 << attempt).mul_f32(1.0 + f32::from(random[0]) / 512.0)
}

fn ended_with(finish: Option<FinishReason>, run: &Run) -> End {
    let empty = {
        let content = run.content();
        content.text.is_empty() && content.reasoning.is_empty()
    };
    let remark = match finish {
        Some(FinishReason::Length) => Some(say("chat-finish-length")),
        Some(FinishReason::ContentFilter) => Some(say("chat-finish-filtered")),
        Some(FinishReason::ToolCalls) => Some(say("chat-finish-tools")),
        Some(FinishReason::Other(reason)) => Some(say_with("chat-finish-other", &[("reason", &reason)])),
        Some(FinishReason::Stop) | None => empty.then(|| say("chat-finish-empty")),
    };
    End { state: MessageState::Complete, remark }
}

fn failed(words: String) -> End {
    End { state: MessageState::Failed, remark: Some(words) }
}

fn stream_error(error: &ProviderError, provider: &str) -> String {
    match error.kind {
        ErrorKind::Cut => say_with("chat-cut", &[("provider", provider)]),
        _ => error.words(provider),
    }
}

/// Writes what arrived since the last flush.
struct Writer<'a> {
    chats: &'a Chats,
    run: &'a Run,
    message: MessageId,
    text: usize,
    reasoning: usize,
    position: u32,
}

impl Writer<'_> {
    async fn flush(&mut self) {
        let (text, reasoning) = {
            let content = self.run.content();
            (content.text[self.text..].to_owned(), content.reasoning[self.reasoning..].to_owned())
        };
        let (message, position) = (self.message, self.position);
        let lengths = (text.len(), reasoning.len());
        let written: Result<(), StoreError> = self
            .chats
            .0
            .options
            .store
            .write(move |transaction| {
                let new = [(PartKind::Reasoning, reasoning), (PartKind::Text, text)];
                for (position, (kind, body)) in (position..).zip(new) {
                    if !body.is_empty() {
                        messages::append(transaction, message, position, kind, &body)?;
                    }
                }
                Ok(())
            })
            .await;
        match written {
            Ok(()) => {
                self.text += lengths.0;
                self.reasoning += lengths.1;
                self.position += 2;
            }
            // The next flush, or the end, writes it again.
            Err(error) => tracing::warn!(%error, "a part of an answer could not be saved yet"),
        }
    }
}
