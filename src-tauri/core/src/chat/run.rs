//! A running answer in memory: what has arrived, and who watches.
//!
//! Watchers are given at most one frame in [`FRAME`]; each gets the closed blocks it has not seen and the open one.
//! The Markdown is rendered once for all of them, and only its open block is rendered again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::view::{MessageView, RunFrame};
use crate::ids::MessageId;
use crate::markdown;

/// The shortest time between two frames: a display shows no more.
const FRAME: Duration = Duration::from_millis(16);

/// One running answer.
pub(super) struct Run {
    message: MessageId,
    content: Mutex<Content>,
    changes: watch::Sender<u64>,
    stopped: watch::Sender<bool>,
}

/// What has arrived.
#[derive(Default)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) reasoning: String,
    markdown: markdown::Stream,
    rendered: usize,
    closed: Vec<String>,
    tail: String,
    end: Option<MessageView>,
}

impl Run {
    pub(super) fn new(message: MessageId) -> Self {
        Self { message, content: Mutex::default(), changes: watch::Sender::new(0), stopped: watch::Sender::new(false) }
    }

    pub(super) fn message(&self) -> MessageId {
        self.message
    }

    pub(super) fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Returns once the person stopped the run.
    pub(super) async fn stopped(&self) {
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }

    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to what has arrived and tells the watchers.
    pub(super) fn add(&self, text: &str, reasoning: &str) {
        {
            let mut content = self.content();
            content.text.push_str(text);
            content.reasoning.push_str(reasoning);
        }
        self.changes.send_modify(|count| *count += 1);
    }

    /// Gives the watchers their last frame.
    pub(super) fn end(&self, message: MessageView) {
        self.content().end = Some(message);
        self.changes.send_modify(|count| *count += 1);
    }
}

impl Content {
    /// Renders what came since the last time.
    fn render(&mut self) {
        if self.rendered == self.text.len() {
            return;
        }
        self.markdown.push(&self.text[self.rendered..]);
        self.rendered = self.text.len();
        let frame = self.markdown.frame();
        self.closed.extend(frame.closed);
        self.tail = frame.tail;
    }
}

/// Someone who shows a running answer.
pub struct Watcher {
    run: Arc<Run>,
    changes: watch::Receiver<u64>,
    next_frame: Instant,
    blocks_seen: usize,
    reasoning_seen: usize,
    begun: bool,
    ended: bool,
}

impl Watcher {
    pub(super) fn new(run: Arc<Run>) -> Self {
        let mut changes = run.changes.subscribe();
        changes.mark_changed();
        Self { run, changes, next_frame: Instant::now(), blocks_seen: 0, reasoning_seen: 0, begun: false, ended: false }
    }

    /// The next frame, as soon as there is something new and a display could show it; `None` after the last.
    pub async fn next(&mut self) -> Option<RunFrame> {
        if self.ended || self.changes.changed().await.is_err() {
            return None;
        }
        tokio::time::sleep_until(self.next_frame).await;
        self.next_frame = Instant::now() + FRAME;
        self.changes.mark_unchanged();
        let mut content = self.run.content();
        content.render();
        let frame = RunFrame {
            message: self.run.message,
            reset: !self.begun,
            closed: content.closed[self.blocks_seen..].to_vec(),
            tail: content.tail.clone(),
            reasoning: content.reasoning[self.reasoning_seen..].to_owned(),
            end: content.end.clone(),
        };
        self.begun = true;
        self.ended = frame.end.is_some();
        self.blocks_seen = content.closed.len();
        self.reasoning_seen = content.reasoning.len();
        Some(frame)
    }
}
