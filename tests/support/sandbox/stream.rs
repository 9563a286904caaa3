//! An answer as server-sent events, with everything that can happen to a stream on the way.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::answer::{self, Answer, Piece};
use super::fault::Fault;
use super::state::State;

/// What is to be streamed.
pub(super) struct Plan {
    pub(super) model: String,
    pub(super) answer: Answer,
    pub(super) fault: Option<Fault>,
    pub(super) prompt_tokens: usize,
    pub(super) wants_usage: bool,
}

/// The reader went away, or the fault ended it.
struct Ended;

/// The response whose body is the stream.
pub(super) fn respond(state: Arc<State>, plan: Plan) -> Response {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(16);
    tokio::spawn(async move {
        state.streams.send_modify(|open| *open += 1);
        let gone = sender.clone();
        let writer = Writer { sender, bytes_per_write: plan.answer.bytes_per_write };
        // The reader leaving is seen at once, also while the gate is closed.
        tokio::select! {
            () = gone.closed() => {}
            _ = write(&state, plan, &writer) => {}
        }
        state.streams.send_modify(|open| *open = open.saturating_sub(1));
    });
    let body = unfold(receiver, async |mut receiver| receiver.recv().await.map(|bytes| (bytes, receiver)));
    let headers = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(body)).into_response()
}

async fn write(state: &State, plan: Plan, writer: &Writer) -> Result<(), Ended> {
    let identifier = answer::identifier();
    let created = answer::now();
    let chunk = |delta: Value, finish_reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
        json!({"id": identifier, "object": "chat.completion.chunk", "created": created, "model": plan.model,
            "choices": [choice], "usage": null})
    };
    writer.text(": SANDBOX PROCESSING\n\n").await?;
    writer.event(&chunk(json!({"role": "assistant", "content": ""}), Value::Null)).await?;
    let mut pace = state.options.tokens_per_second.map(|rate| {
        let mut pace = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        pace
    });
    for (index, piece) in plan.answer.pieces.iter().enumerate() {
        happen(plan.fault.as_ref(), index, writer).await?;
        if let Some(gate) = state.gate() {
            gate.pass().await;
        }
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        if state.options.keep_alive_every.is_some_and(|every| index > 0 && index % every.max(1) == 0) {
            writer.text(": keep-alive\n\n").await?;
        }
        match piece {
            Piece::Text(text) => writer.event(&chunk(json!({"content": text}), Value::Null)).await?,
            Piece::Reasoning(text) => writer.event(&chunk(json!({"reasoning_content": text}), Value::Null)).await?,
            Piece::Raw(text) => writer.text(text).await?,
        }
    }
    happen(plan.fault.as_ref(), plan.answer.pieces.len(), writer).await?;
    writer.event(&chunk(json!({}), json!(plan.answer.finish_reason))).await?;
    if plan.wants_usage {
        let usage = plan.answer.usage(plan.prompt_tokens);
        let last = json!({"id": identifier, "object": "chat.completion.chunk", "created": created,
            "model": plan.model, "choices": [], "usage": usage});
        writer.event(&last).await?;
    }
    writer.text("data: [DONE]\n\n").await
}

/// Lets the fault of this stream happen, if this is its place.
async fn happen(fault: Option<&Fault>, index: usize, writer: &Writer) -> Result<(), Ended> {
    match fault {
        Some(Fault::StreamError { after, message }) if *after == index => {
            let error =
                json!({"error": {"message": message, "type": "server_error", "param": null, "code": "overloaded"}});
            writer.event(&error).await?;
            Err(Ended)
        }
        Some(Fault::StreamCut { after }) if *after == index => {
            let cut = Err(io::Error::from(io::ErrorKind::ConnectionReset));
            let _ = writer.sender.send(cut).await;
            Err(Ended)
        }
        Some(Fault::StreamEnd { after }) if *after == index => Err(Ended),
        Some(Fault::StreamGarbage { after }) if *after == index => writer.text("data: {\"choices\": [{\n\n").await,
        _ => Ok(()),
    }
}

struct Writer {
    sender: mpsc::Sender<io::Result<Bytes>>,
    bytes_per_write: Option<usize>,
}

impl Writer {
    async fn event(&self, event: &Value) -> Result<(), Ended> {
        self.text(&format!("data: {event}\n\n")).await
    }

    async fn text(&self, text: &str) -> Result<(), Ended> {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let Some(size) = self.bytes_per_write else { return self.send(bytes).await };
        for part in bytes.chunks(size.max(1)) {
            self.send(Bytes::copy_from_slice(part)).await?;
        }
        Ok(())
    }

    async fn send(&self, bytes: Bytes) -> Result<(), Ended> {
        self.sender.send(Ok(bytes)).await.map_err(|_| Ended)
    }
}
