//! Fetching a connection's list of models, and what is known of it in the meantime.
//!
//! One fetch a connection at a time; whoever asks meanwhile waits for that one. While it is under way, and after it
//! failed, the old list stays with its age and the error beside it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::{ModelView, Models};
use crate::event::AppEvent;
use crate::ids::{ConnectionId, ModelId};
use crate::pool::{CallError, ConnectionState};
use crate::store::connections::ConnectionRecord;
use crate::store::model_lists::{self, ModelListRecord};
use crate::time::Timestamp;
use crate::wire::{ErrorKind, ListError, ListFormat, ListPage, ListedModel};
use crate::words::say;

/// A list older than this is fetched again when the dropdown opens.
const STALE_AFTER: Duration = Duration::from_hours(1);
/// The longest page of a list that is read.
const LIST_BODY: usize = 16 * 1024 * 1024;
/// The most pages that are read, and the most models that are kept; what comes after is left out.
const MOST_PAGES: usize = 50;
const MOST_MODELS: usize = 20_000;
/// How long a list may take, all its pages together.
const LIST_TIME: Duration = Duration::from_secs(30);

/// What is known of one connection's models.
#[derive(Clone, Default)]
pub(super) struct ModelList {
    /// The models, in the provider's order.
    pub(super) models: Arc<[ModelView]>,
    /// When they were listed.
    pub(super) fetched_at: Option<Timestamp>,
    /// Why the last fetch failed, in words.
    pub(super) error: Option<String>,
    /// A fetch is under way.
    pub(super) loading: bool,
    flight: Option<Shared<BoxFuture<'static, Result<(), String>>>>,
}

impl ModelList {
    pub(super) fn stored(record: ModelListRecord) -> Self {
        Self { models: record.models.into(), fetched_at: Some(record.fetched_at), ..Self::default() }
    }
}

impl Models {
    /// Fetches the list now: a real call, which also settles the connection's state. The error is in words.
    pub async fn refresh(&self, connection: ConnectionId) -> Result<(), String> {
        let flight = {
            let mut lists = self.lists();
            let list = lists.entry(connection).or_default();
            if let Some(flight) = &list.flight {
                flight.clone()
            } else {
                list.loading = true;
                let models = self.clone();
                let task = tokio::spawn(async move { models.fetch(connection).await });
                let flight = async move { task.await.unwrap_or_else(|error| Err(error.to_string())) };
                list.flight.insert(flight.boxed().shared()).clone()
            }
        };
        self.0.options.events.send(AppEvent::ModelsChanged { connection });
        flight.await
    }

    /// The dropdown opened: lists that are missing or old are fetched in the background.
    pub fn opened(&self) {
        let now = self.0.options.clock.now();
        for record in self.0.options.pool.records() {
            let stale = match self.lists().get(&record.id) {
                Some(list) => list.fetched_at.is_none_or(|at| now.since(at) > STALE_AFTER),
                None => true,
            };
            if stale && record.state != ConnectionState::NeedsSignIn {
                let models = self.clone();
                tokio::spawn(async move { models.refresh(record.id).await });
            }
        }
    }

    /// Drops the list: the connection has another credential, or is gone.
    pub fn drop_list(&self, connection: ConnectionId) {
        self.lists().remove(&connection);
        self.0.options.events.send(AppEvent::ModelsChanged { connection });
    }

    async fn fetch(&self, connection: ConnectionId) -> Result<(), String> {
        let pool = &self.0.options.pool;
        let asked = pool.record(connection).ok_or_else(|| say("pool-no-connection"))?;
        let result = self.call(&asked).await;
        let still = pool.record(connection).ok_or_else(|| say("pool-no-connection"))?;
        if (asked.generation, &asked.base_url) != (still.generation, &still.base_url) {
            // Whoever changed the credential has dropped this list, and what stands there now may be the new one.
            return Err(say("models-superseded"));
        }
        let outcome = match result {
            Ok(models) => {
                let fetched_at = self.0.options.clock.now();
                let stored = ModelListRecord {
                    connection,
                    base_url: still.base_url,
                    generation: still.generation,
                    fetched_at,
                    models: models.clone(),
                };
                if let Err(error) =
                    self.0.options.store.write(move |transaction| model_lists::put(transaction, &stored)).await
                {
                    tracing::warn!(%error, "a list of models could not be saved");
                }
                let list = ModelList { models: models.into(), fetched_at: Some(fetched_at), ..ModelList::default() };
                self.lists().insert(connection, list);
                Ok(())
            }
            Err(error) => {
                let words = error.words(&pool.provider_name(connection));
                let mut lists = self.lists();
                let list = lists.entry(connection).or_default();
                (list.loading, list.flight, list.error) = (false, None, Some(words.clone()));
                Err(words)
            }
        };
        self.0.options.events.send(AppEvent::ModelsChanged { connection });
        outcome
    }

    async fn call(&self, connection: &ConnectionRecord) -> Result<Vec<ModelView>, CallError> {
        let pool = &self.0.options.pool;
        let provider = pool.provider(connection);
        let format = provider.as_ref().map_or_else(ListFormat::default, |provider| provider.list);
        let get = async |path: &str| pool.call(connection.id, |profile, http| profile.get(http, path)).await;
        let listing = async {
            if let Some(check) = provider.as_ref().and_then(|provider| provider.check.as_deref()) {
                get(check).await?;
            }
            let page = |path: String| async move {
                let (profile, response) = get(&path).await?;
                let body = crate::pool::read_all(response, LIST_BODY).await?;
                read(format, &body).map_err(|error| match error {
                    CallError::Provider(error) => CallError::Provider(profile.without_credential(error)),
                    other => other,
                })
            };
            pages(format, page).await
        };
        let result = tokio::time::timeout(LIST_TIME, listing).await;
        let listed = match result.unwrap_or(Err(CallError::Unreachable { timeout: true })) {
            Ok(listed) => listed,
            Err(error) => {
                // This is the call that settles a connection's state, whatever the error.
                pool.note_failure(connection.id, connection.generation, &error).await;
                return Err(error);
            }
        };
        Ok(listed.into_iter().map(view).collect())
    }
}

/// Reads a list page by page. `fetch` gets the page that is at a path.
///
/// A page that fails fails the list: half of it would look like all of it. One that leads to a page that was read
/// already is the last.
async fn pages<Fetching>(
    format: ListFormat,
    mut fetch: impl FnMut(String) -> Fetching,
) -> Result<Vec<ListedModel>, CallError>
where
    Fetching: Future<Output = Result<ListPage, CallError>>,
{
    let mut first = format.first_request();
    let mut page = loop {
        let result = fetch(first.path.clone()).await;
        match format.fallback(&first).filter(|_| result.as_ref().is_err_and(is_elsewhere)) {
            Some(fallback) => first = fallback,
            None => break result?,
        }
    };
    let (mut models, mut seen, mut read_pages) = (Vec::new(), HashSet::new(), HashSet::from([first.path]));
    loop {
        models.extend(page.models.into_iter().filter(|model| seen.insert(model.id.clone())));
        models.truncate(MOST_MODELS);
        let next = page.next.filter(|_| models.len() < MOST_MODELS && read_pages.len() < MOST_PAGES);
        match next.filter(|path| read_pages.insert(path.clone())) {
            Some(path) => page = fetch(path).await?,
            None => return Ok(models),
        }
    }
}

fn read(format: ListFormat, body: &[u8]) -> Result<ListPage, CallError> {
    format.parse(body).map_err(|error| match error {
        ListError::Refused(error) => CallError::Provider(error),
        ListError::NotJson | ListError::NoList => CallError::Answer,
    })
}

/// Whether the server has no list at that address: an older one, as a rule, which may say so in a success.
fn is_elsewhere(error: &CallError) -> bool {
    match error {
        CallError::Answer => true,
        CallError::Provider(error) => {
            error.kind == ErrorKind::NotFound || error.status.is_none_or(|status| status == 405)
        }
        _ => false,
    }
}

fn view(listed: ListedModel) -> ModelView {
    ModelView {
        name: listed.name.unwrap_or_else(|| listed.id.clone()),
        id: ModelId::from(listed.id),
        context: listed.context,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::FutureExt;

    use super::*;
    use crate::providers::CallProfile;
    use crate::wire::ProviderError;

    /// Reads a list from `answer`, which gives the body at a path, and says which paths were asked for.
    fn list(
        format: ListFormat,
        answer: impl Fn(&str) -> Result<String, CallError>,
    ) -> (Result<Vec<String>, CallError>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let listed = pages(format, |path| {
            let page = answer(&path).and_then(|body| read(format, body.as_bytes()));
            asked.borrow_mut().push(path);
            std::future::ready(page)
        });
        let listed = listed.now_or_never().expect("nothing is waited for");
        (listed.map(|models| models.into_iter().map(|model| model.id).collect()), asked.into_inner())
    }

    fn gemini(ids: &[&str], next: &str) -> String {
        let models: Vec<_> = ids.iter().map(|id| serde_json::json!({ "name": format!("models/{id}") })).collect();
        serde_json::json!({ "models": models, "nextPageToken": next }).to_string()
    }

    #[test]
    fn pages_are_read_to_the_last() {
        let (listed, asked) = list(ListFormat::Gemini, |path| {
            Ok(match path {
                "models?pageSize=1000" => gemini(&["a", "b"], "t/2"),
                "models?pageSize=1000&pageToken=t%2F2" => gemini(&["b", "c"], "t3"),
                "models?pageSize=1000&pageToken=t3" => gemini(&["d"], ""),
                _ => panic!("{path} is no page"),
            })
        });
        assert_eq!(listed.expect("it is a list"), ["a", "b", "c", "d"], "nothing is listed twice");
        assert_eq!(asked.len(), 3);
    }

    #[test]
    fn a_page_that_fails_fails_the_list() {
        let (listed, asked) = list(ListFormat::Gemini, |path| {
            if path.contains("pageToken") { Ok("<html>".to_owned()) } else { Ok(gemini(&["a"], "t")) }
        });
        assert!(matches!(listed, Err(CallError::Answer)), "half a list is none: {listed:?}");
        assert_eq!(asked.len(), 2);
    }

    #[test]
    fn pages_without_an_end_are_limited() {
        let (listed, asked) = list(ListFormat::Gemini, |path| Ok(gemini(&[&format!("m{}", path.len())], "same")));
        assert_eq!(listed.expect("it is a list").len(), 2);
        assert_eq!(asked.len(), 2, "a page that leads to itself is the last");
        let number = RefCell::new(0);
        let (listed, asked) = list(ListFormat::Gemini, |_| {
            *number.borrow_mut() += 1;
            let number = number.borrow().to_string();
            Ok(gemini(&[&number], &number))
        });
        assert_eq!((listed.expect("it is a list").len(), asked.len()), (MOST_PAGES, MOST_PAGES));
        let (listed, asked) = list(ListFormat::Gemini, |path| {
            let ids: Vec<String> = (0..7_000).map(|number| format!("{path}{number}")).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            Ok(gemini(&ids, &path.len().to_string()))
        });
        assert_eq!((listed.expect("it is a list").len(), asked.len()), (MOST_MODELS, 3));
    }

    #[test]
    fn lists_are_asked_for_where_providers_have_them() {
        crate::http::install_tls();
        let provider = toml::from_str("id = \"p\"\nname = \"P\"\nwire = \"chat_completions\"\n").expect("it is one");
        let addresses = |format: ListFormat, base: &str| {
            let profile = CallProfile::new(&provider, base, None).expect("it is an address");
            let mut request = Some(format.first_request());
            let mut addresses = Vec::new();
            while let Some(asked) = request {
                let built = profile.get(&reqwest::Client::new(), &asked.path).build().expect("it is a request");
                addresses.push(built.url().to_string());
                request = format.fallback(&asked);
            }
            addresses
        };
        let google = "https://generativelanguage.googleapis.com/v1beta";
        for (format, base, expected) in [
            (ListFormat::OpenAi, "https://api.z.ai/api/paas/v4", "https://api.z.ai/api/paas/v4/models"),
            (ListFormat::Anthropic, "https://api.anthropic.com/v1", "https://api.anthropic.com/v1/models?limit=1000"),
            (ListFormat::Gemini, google, &format!("{google}/models?pageSize=1000")),
            (ListFormat::Venice, "https://api.venice.ai/api/v1", "https://api.venice.ai/api/v1/models?type=text"),
            (ListFormat::Ollama, "http://127.0.0.1:11434", "http://127.0.0.1:11434/api/tags"),
        ] {
            assert_eq!(addresses(format, base), [expected], "{format:?}");
        }
        let xai = ["https://api.x.ai/v1/language-models", "https://api.x.ai/v1/models"];
        assert_eq!(addresses(ListFormat::Xai, "https://api.x.ai/v1"), xai);
        let beside = ["http://host:1/lm/api/v1/models", "http://host:1/lm/api/v0/models", "http://host:1/lm/v1/models"];
        assert_eq!(addresses(ListFormat::LmStudio, "http://host:1/lm/v1/"), beside, "its own list is beside its /v1");
    }

    #[test]
    fn an_older_server_is_asked_elsewhere() {
        let refused = |status| {
            let kind = if status == 404 { ErrorKind::NotFound } else { ErrorKind::Unauthorized };
            Err(CallError::Provider(ProviderError { status: Some(status), ..ProviderError::new(kind, "") }))
        };
        let (listed, asked) = list(ListFormat::LmStudio, |path| match path {
            "../api/v1/models" => Ok(r#"{"error":"Unexpected endpoint or method."}"#.to_owned()),
            "../api/v0/models" => refused(404),
            _ => Ok(r#"{"data":[{"id":"a"}]}"#.to_owned()),
        });
        assert_eq!(listed.expect("it is a list"), ["a"]);
        assert_eq!(asked, ["../api/v1/models", "../api/v0/models", "models"]);
        let (listed, asked) = list(ListFormat::LmStudio, |_| refused(401));
        assert!(matches!(listed, Err(CallError::Provider(_))));
        assert_eq!(asked.len(), 1, "who is not let in there is not let in elsewhere");
        let (listed, asked) = list(ListFormat::OpenAi, |_| refused(404));
        assert!(listed.is_err());
        assert_eq!(asked, ["models"], "there is one address only");
    }
}
