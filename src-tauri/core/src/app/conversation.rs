//! Chats and the tray, as the interface asks for them.

use super::{App, CURRENT_CHAT, WindowRequest, lock};
use crate::chat::{ChatSummary, ChatView, MessageView, Watcher};
use crate::error::Error;
use crate::event::AppEvent;
use crate::ids::ChatId;
use crate::models::Choice;
use crate::store::{StoreError, settings};
use crate::tray::{self, Action, TrayState};

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::other(error.words())
    }
}

impl App {
    /// All chats, the last changed first.
    pub async fn chats(&self) -> Result<Vec<ChatSummary>, Error> {
        Ok(self.chats.list().await?)
    }

    /// A new chat on the default.
    pub async fn create_chat(&self) -> Result<ChatSummary, Error> {
        Ok(self.chats.create().await?)
    }

    /// Renames a chat.
    pub async fn rename_chat(&self, chat: ChatId, title: &str) -> Result<(), Error> {
        Ok(self.chats.rename(chat, title).await?)
    }

    /// Deletes a chat; it can be restored for a day.
    pub async fn delete_chat(&self, chat: ChatId) -> Result<(), Error> {
        self.chats.delete(chat).await?;
        if *lock(&self.current) == Some(chat) {
            self.set_current(None).await?;
        }
        Ok(())
    }

    /// Brings a deleted chat back.
    pub async fn restore_chat(&self, chat: ChatId) -> Result<(), Error> {
        Ok(self.chats.restore(chat).await?)
    }

    /// A chat with its messages; it becomes the current one.
    pub async fn open_chat(&self, chat: ChatId) -> Result<ChatView, Error> {
        let view = self.chats.view(chat).await?;
        self.set_current(Some(chat)).await?;
        Ok(view)
    }

    /// Sets a chat's choice; no other chat moves.
    pub async fn set_choice(&self, chat: ChatId, choice: Choice) -> Result<(), Error> {
        Ok(self.chats.set_choice(chat, choice).await?)
    }

    /// Stores the person's message and starts the answer.
    pub async fn send(&self, chat: ChatId, text: &str) -> Result<Vec<MessageView>, Error> {
        Ok(self.chats.send(chat, text).await?)
    }

    /// Answers the last message again.
    pub async fn retry_answer(&self, chat: ChatId) -> Result<Vec<MessageView>, Error> {
        Ok(self.chats.retry(chat).await?)
    }

    /// Stops the chat's running answer.
    pub fn stop(&self, chat: ChatId) {
        self.chats.stop(chat);
    }

    /// Attaches to the chat's running answer, if there is one.
    pub fn watch_run(&self, chat: ChatId) -> Option<Watcher> {
        self.chats.watch(chat)
    }

    /// The tray's menu as it should be now.
    pub async fn tray_menu(&self) -> tray::Menu {
        let current = *lock(&self.current);
        let chat = match current {
            Some(chat) => self.chats.one(chat).await.ok(),
            None => None,
        };
        let picker = self.models.picker();
        tray::menu(&TrayState {
            chat: chat.as_ref().map(|chat| (&*chat.title, &chat.model)),
            default: &picker.default,
            groups: &picker.groups,
        })
    }

    /// Does what a click in the tray means.
    pub async fn tray_action(&self, id: &str) -> Result<Option<WindowRequest>, Error> {
        let Some(action) = Action::parse(id) else { return Ok(None) };
        let current = *lock(&self.current);
        match (action, current) {
            (Action::ChatUseDefault, Some(chat)) => self.set_choice(chat, Choice::Default).await?,
            (Action::ChatPin(reference), Some(chat)) => self.set_choice(chat, Choice::Pinned { reference }).await?,
            (Action::ChatUseDefault | Action::ChatPin(_), None) => {}
            (Action::SetDefault(reference), _) => self.set_default_model(Some(reference)).await?,
            (Action::NewChat, _) => {
                let chat = self.create_chat().await?;
                self.set_current(Some(chat.id)).await?;
                return Ok(Some(WindowRequest::Chat));
            }
            (Action::ShowChat, _) => return Ok(Some(WindowRequest::Chat)),
            (Action::ShowConnections, _) => return Ok(Some(WindowRequest::Connections)),
            (Action::Quit, _) => return Ok(Some(WindowRequest::Quit)),
        }
        Ok(None)
    }

    async fn set_current(&self, chat: Option<ChatId>) -> Result<(), Error> {
        if *lock(&self.current) == chat {
            return Ok(());
        }
        self.store
            .write(move |transaction| match chat {
                Some(chat) => settings::put(transaction, CURRENT_CHAT, &chat),
                None => settings::delete(transaction, CURRENT_CHAT),
            })
            .await?;
        *lock(&self.current) = chat;
        self.events.send(AppEvent::CurrentChatChanged { chat });
        Ok(())
    }
}
