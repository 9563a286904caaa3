//! The one composition root: everything is made here, and every command of the interface is a method here.

mod connections;
mod conversation;
mod sign_in;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::chat::{Chats, ChatsOptions};
use crate::error::{Code, Error};
use crate::event::{AppEvent, Events};
use crate::ids::{ChatId, SignInId};
use crate::models::{Models, ModelsOptions};
use crate::oauth::{SignInOptions, SignIns, SignedIn};
use crate::pool::{Pool, PoolOptions};
use crate::ports::{Browser, Clock};
use crate::providers::Catalogue;
use crate::startup::Startup;
use crate::store::{Store, StoreError, settings};
use crate::vault::{Backend, Vault};

const CURRENT_CHAT: &str = "current_chat";
/// How many notices wait for a window.
const NOTICES: usize = 20;

/// What runs the core provides.
pub struct AppOptions {
    /// Where the database is kept.
    pub data_dir: PathBuf,
    /// Where `providers.d/` is.
    pub config_dir: PathBuf,
    /// Opens the person's browser.
    pub browser: Arc<dyn Browser>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where credentials are kept.
    pub backend: Arc<dyn Backend>,
    /// The application's own URI scheme.
    pub scheme: String,
    /// Offer what is for development only.
    pub development: bool,
}

/// Which window a click or a link asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowRequest {
    /// The chat window.
    Chat,
    /// The connections window.
    Connections,
    /// None: end the application.
    Quit,
}

/// The application.
pub struct App {
    events: Events,
    store: Store,
    vault: Arc<Vault>,
    catalogue: Arc<Catalogue>,
    sign_ins: Arc<SignIns>,
    pool: Pool,
    models: Models,
    chats: Chats,
    scheme: String,
    development: bool,
    current: Mutex<Option<ChatId>>,
    /// What happened before a window could be told; `None` once one was.
    notices: Mutex<Option<Vec<String>>>,
    /// Sign-ins that were started while this application runs, so that a dialog shows how they go.
    with_dialog: Mutex<HashSet<SignInId>>,
    /// Finished sign-ins whose credential the vault has not taken yet.
    held: Mutex<HashMap<SignInId, SignedIn>>,
}

impl App {
    /// Opens the data folder and puts everything together. Makes no request and reads no secret.
    pub async fn open(options: AppOptions) -> Result<Arc<Self>, Error> {
        let no_database = |error: StoreError| Error::new(Code::NoDatabase, error.words());
        let store = Store::open(&options.data_dir).map_err(no_database)?;
        let http = crate::http::client().map_err(|error| Error::other(error.to_string()))?;
        let events = Events::default();
        let vault = Vault::new(options.backend, events.clone());
        let (catalogue, notices) = Catalogue::load(&options.config_dir, options.development);
        let catalogue = Arc::new(catalogue);
        let sign_ins = SignIns::new(SignInOptions {
            http: http.clone(),
            vault: vault.clone(),
            browser: options.browser,
            clock: options.clock.clone(),
            events: events.clone(),
            scheme: options.scheme.clone(),
        });
        let pool = Pool::open(PoolOptions {
            store: store.clone(),
            vault: vault.clone(),
            http,
            clock: options.clock.clone(),
            events: events.clone(),
            catalogue: catalogue.clone(),
        })
        .await
        .map_err(no_database)?;
        let models = Models::open(ModelsOptions {
            store: store.clone(),
            pool: pool.clone(),
            clock: options.clock.clone(),
            events: events.clone(),
        })
        .await
        .map_err(no_database)?;
        let chats = Chats::open(ChatsOptions {
            store: store.clone(),
            models: models.clone(),
            pool: pool.clone(),
            clock: options.clock,
            events: events.clone(),
        })
        .await
        .map_err(no_database)?;
        let current = store.read(|connection| settings::get(connection, CURRENT_CHAT)).await.map_err(no_database)?;
        let current = match current {
            Some(chat) => chats.one(chat).await.ok().map(|chat| chat.id),
            None => None,
        };
        let app = Arc::new(Self {
            events,
            store,
            vault,
            catalogue,
            sign_ins,
            pool,
            models,
            chats,
            scheme: options.scheme,
            development: options.development,
            current: Mutex::new(current),
            notices: Mutex::new(Some(notices)),
            with_dialog: Mutex::default(),
            held: Mutex::default(),
        });
        app.clone().listen_for_returns();
        Ok(app)
    }

    /// Where changes are told.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// All connections.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// What a window needs to know first; what happened before is told once.
    pub fn startup(&self) -> Startup {
        Startup {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            development: self.development,
            failure: None,
            notices: lock(&self.notices).take().unwrap_or_default(),
            vault: self.vault.state(),
            current_chat: *lock(&self.current),
        }
    }

    /// Tells the person something that belongs to no control; keeps it until there is a window to tell it.
    pub fn notice(&self, message: String) {
        if let Some(notices) = lock(&self.notices).as_mut() {
            // Any page can fire links while nobody looks: the same again says nothing, and the oldest go.
            notices.retain(|known| *known != message);
            if notices.len() == NOTICES {
                notices.remove(0);
            }
            notices.push(message);
            return;
        }
        self.events.send(AppEvent::Notice { message });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
