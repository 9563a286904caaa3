//! What changed, told to every window and the tray alike.
//!
//! An event names what to read again and carries no state of its own, so a late or repeated one does no harm.
//! Streamed answers do not pass here; see [`crate::chat`].

use serde::Serialize;
use tokio::sync::broadcast;
use ts_rs::TS;

use crate::ids::{ChatId, ConnectionId, SignInId};

/// One change of state.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppEvent {
    /// Connections were added, removed or changed state.
    ConnectionsChanged,
    /// The list of models of a connection changed, or its age or error did.
    ModelsChanged {
        /// Whose list.
        connection: ConnectionId,
    },
    /// The default model changed.
    DefaultModelChanged,
    /// Chats were added, removed, renamed or moved.
    ChatsChanged,
    /// One chat changed: its choice, its messages or the state of its run.
    ChatChanged {
        /// Which chat.
        chat: ChatId,
    },
    /// Another chat became the current one.
    CurrentChatChanged {
        /// The current chat, if there is one.
        chat: Option<ChatId>,
    },
    /// A sign-in moved on.
    SignInChanged {
        /// Which sign-in.
        sign_in: SignInId,
    },
    /// Where credentials are kept changed.
    VaultChanged,
    /// Something to tell the person that belongs to no control.
    Notice {
        /// The words.
        message: String,
    },
    /// Events were missed: read everything again.
    Everything,
}

/// Where events are sent and listened to.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<AppEvent>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::Sender::new(256))
    }
}

impl Events {
    /// Tells everyone who listens; nobody listening is fine.
    pub fn send(&self, event: AppEvent) {
        let _ = self.0.send(event);
    }

    /// A listener that hears everything sent from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// One listener.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<AppEvent>);

impl Listener {
    /// The next event; [`AppEvent::Everything`] when some were missed, `None` when the application has gone.
    pub async fn next(&mut self) -> Option<AppEvent> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(AppEvent::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
