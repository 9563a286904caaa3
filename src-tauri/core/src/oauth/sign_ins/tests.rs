//! Sign-ins against canned servers: what completes, and everything that must not.

mod returns;

use url::Url;

use super::*;
use crate::event::Listener;
use crate::oauth::testing::{FakeBrowser, Server, StillClock, client, parameter, provider, provider_named};
use crate::oauth::{AuthorizationResponse, EndpointError, Outcome};
use crate::vault::{Backend, Memory, Secret, VaultError};

const TOKENS: &str = r#"{"access_token":"canary-access","token_type":"bearer","refresh_token":"canary-refresh"}"#;

struct World {
    sign_ins: Arc<SignIns>,
    browser: Arc<FakeBrowser>,
    clock: Arc<StillClock>,
    keychain: Arc<Memory>,
    vault: Arc<Vault>,
    events: Events,
    providers: Vec<Arc<Provider>>,
}

impl World {
    fn with(providers: Vec<Provider>) -> Self {
        let keychain = Arc::new(Memory::default());
        let providers = providers.into_iter().map(Arc::new).collect();
        Self::over(keychain, StillClock::new(), providers)
    }

    fn over(keychain: Arc<Memory>, clock: Arc<StillClock>, providers: Vec<Arc<Provider>>) -> Self {
        let events = Events::default();
        let vault = Vault::new(keychain.clone(), events.clone());
        let browser = Arc::new(FakeBrowser::default());
        let sign_ins = SignIns::new(SignInOptions {
            http: client(),
            vault: vault.clone(),
            browser: browser.clone(),
            clock: clock.clone(),
            events: events.clone(),
            scheme: "app.patchbay".to_owned(),
        });
        Self { sign_ins, browser, clock, keychain, vault, events, providers }
    }

    /// The application closed and started again: only the keychain stays.
    fn restarted(self) -> Self {
        Self::over(self.keychain, self.clock, self.providers)
    }

    async fn start(&self, kind: Option<ReturnKind>) -> SignInView {
        self.sign_ins.start(&self.providers[0], None, kind).await.unwrap()
    }

    fn state(&self) -> Secret {
        Secret::new(parameter(&self.browser.last(), "state").unwrap())
    }

    async fn receive(&self, arrival: Arrival) -> Result<SignedIn, SignInError> {
        let catalogue = |id: &ProviderId| self.providers.iter().find(|provider| provider.id == *id).cloned();
        self.sign_ins.receive(arrival, &catalogue).await
    }

    async fn paste(&self, id: SignInId, text: &str) -> Result<SignedIn, SignInError> {
        let catalogue = |id: &ProviderId| self.providers.iter().find(|provider| provider.id == *id).cloned();
        self.sign_ins.paste(id, text, &catalogue).await
    }

    async fn retry(&self, id: SignInId) -> Result<SignedIn, SignInError> {
        let catalogue = |id: &ProviderId| self.providers.iter().find(|provider| provider.id == *id).cloned();
        self.sign_ins.retry(id, &catalogue).await
    }

    fn view(&self, id: SignInId) -> SignInView {
        self.sign_ins.view(id).unwrap()
    }
}

fn link(state: &Secret) -> Arrival {
    Arrival {
        kind: ReturnKind::DeepLink,
        provider: Some("sandbox".parse().unwrap()),
        response: AuthorizationResponse {
            state: Some(state.clone()),
            outcome: Outcome::Code(Secret::new("canary-code")),
            issuer: None,
        },
    }
}

fn access(signed_in: &SignedIn) -> &str {
    match &signed_in.credential {
        Credential::OAuth(tokens) => tokens.access_token.expose(),
        Credential::ApiKey(key) => key.0.expose(),
    }
}

async fn drain(listener: &mut Listener) -> usize {
    let mut count = 0;
    while tokio::time::timeout(Duration::from_millis(1), listener.next()).await.is_ok() {
        count += 1;
    }
    count
}

#[tokio::test]
async fn a_link_completes_a_sign_in_once() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let mut listener = world.events.listen();
    let view = world.start(None).await;
    assert_eq!((view.return_kind, view.stage, view.browser_opened), (ReturnKind::DeepLink, SignInStage::Waiting, true));
    assert_eq!(view.returns, [ReturnKind::DeepLink, ReturnKind::Loopback, ReturnKind::Paste]);
    let redirect = parameter(&world.browser.last(), "redirect_uri");
    assert_eq!(redirect.as_deref(), Some("app.patchbay:/oauth/sandbox"));
    assert!(world.keychain.records().contains_key("sign-ins"), "a closed application could not complete it");

    let state = world.state();
    let signed_in = world.receive(link(&state)).await.unwrap();
    assert_eq!((signed_in.sign_in, access(&signed_in)), (view.id, "canary-access"));
    assert!(!world.keychain.records().contains_key("sign-ins"), "the record outlived its use");
    assert!(drain(&mut listener).await > 3, "the windows hear of each step");

    world.sign_ins.checking(view.id);
    assert_eq!(world.view(view.id).stage, SignInStage::Checking);
    let connection = ConnectionId::new();
    world.sign_ins.connected(view.id, connection);
    let done = world.view(view.id);
    assert_eq!((done.stage, done.connection, &done.error), (SignInStage::Connected, Some(connection), &None));

    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Used), "single use");
    assert_eq!(world.view(view.id), done, "and nothing changed");
    assert_eq!(server.requests().len(), 1, "nor was anything asked of the server");
}

#[tokio::test]
async fn two_uses_at_once_cause_one_exchange() {
    let server = Server::answering(&[(200, TOKENS), (200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    world.start(None).await;
    let state = world.state();
    let (one, other) = tokio::join!(world.receive(link(&state)), world.receive(link(&state)));
    assert!(one.is_ok() != other.is_ok(), "exactly one");
    assert_eq!(one.err().or(other.err()), Some(SignInError::Used));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn responses_that_belong_to_no_waiting_sign_in_change_nothing() {
    let server = Server::answering(&[]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    let state = world.state();

    let stranger = link(&Secret::new("canary-of-a-stranger"));
    assert_eq!(world.receive(stranger).await.err(), Some(SignInError::Unknown));
    let mut nameless = link(&state);
    nameless.response.state = None;
    assert_eq!(world.receive(nameless).await.err(), Some(SignInError::NoState));
    assert_eq!(world.view(view.id), view, "untouched");

    let mut elsewhere = link(&state);
    elsewhere.provider = Some("openrouter".parse().unwrap());
    assert_eq!(world.receive(elsewhere).await.err(), Some(SignInError::WrongProvider("Sandbox".to_owned())));
    let other_way = Arrival { kind: ReturnKind::Loopback, ..link(&state) };
    assert_eq!(world.receive(other_way).await.err(), Some(SignInError::WrongReturn("Sandbox".to_owned())));
    let after = world.view(view.id);
    assert_eq!(after.stage, SignInStage::Waiting, "it goes on");
    assert!(after.error.is_some_and(|words| words.contains("still waiting")), "and its dialog says what came");
    assert!(server.requests().is_empty(), "no exchange was tried");
}

#[tokio::test]
async fn the_issuer_has_to_be_the_right_one() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let issuer = "issuer = \"https://id.example\"\nrequires_issuer = true";
    let world = World::with(vec![provider(&server.url("/"), issuer)]);
    let view = world.start(None).await;
    let with = |issuer: Option<&str>| {
        let mut arrival = link(&world.state());
        arrival.response.issuer = issuer.map(str::to_owned);
        arrival
    };
    let name = || "Sandbox".to_owned();
    assert_eq!(world.receive(with(None)).await.err(), Some(SignInError::NoIssuer(name())));
    for wrong in ["https://id.example/", "https://evil.example", "https://ID.example"] {
        assert_eq!(world.receive(with(Some(wrong))).await.err(), Some(SignInError::WrongIssuer(name())), "{wrong}");
    }
    assert_eq!(world.view(view.id).stage, SignInStage::Waiting);
    assert!(world.receive(with(Some("https://id.example"))).await.is_ok());
}

#[tokio::test]
async fn a_refusal_ends_it_in_words() {
    let server = Server::answering(&[]).await;
    for (error, description, expected) in [
        ("access_denied", Some("ignored"), "did not give Patchbay access"),
        ("invalid_scope", Some("No such scope"), "(invalid_scope: No such scope)"),
        ("server_error", None, "(server_error)"),
    ] {
        let world = World::with(vec![provider(&server.url("/"), "")]);
        let view = world.start(None).await;
        let mut arrival = link(&world.state());
        let description = description.map(str::to_owned);
        arrival.response.outcome = Outcome::Refused { error: error.to_owned(), description };
        let failed = world.receive(arrival.clone()).await.unwrap_err();
        assert!(failed.to_string().contains(expected), "{failed}");
        let after = world.view(view.id);
        assert_eq!((after.stage, after.error), (SignInStage::Failed, Some(failed.to_string())));
        assert!(matches!(world.receive(arrival).await, Err(SignInError::Used)));
        assert!(!world.keychain.records().contains_key("sign-ins"));
    }
}

#[tokio::test]
async fn ten_minutes_are_checked_when_the_response_comes() {
    let server = Server::answering(&[]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    let state = world.state();
    world.clock.advance(Duration::from_mins(10));
    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Expired));
    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Expired), "not merely unknown");
    let after = world.view(view.id);
    assert_eq!((after.stage, after.can_retry), (SignInStage::Failed, false));
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_expires_by_itself() {
    let world = World::with(vec![provider(&Url::parse("https://id.example/").unwrap(), "")]);
    let mut listener = world.events.listen();
    let view = world.start(None).await;
    drain(&mut listener).await;
    world.clock.advance(Duration::from_mins(10));
    while world.view(view.id).stage == SignInStage::Waiting {
        listener.next().await;
    }
    assert!(world.view(view.id).error.is_some_and(|words| words.contains("ten minutes")));
}

#[tokio::test]
async fn a_passing_failure_keeps_the_code_for_a_retry() {
    let server = Server::answering(&[(503, "<html>canary"), (200, "<html>canary"), (200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    assert_eq!(world.retry(view.id).await.err(), Some(SignInError::NothingToRetry));
    let state = world.state();
    let busy = SignInError::Exchange { provider: "Sandbox".to_owned(), error: EndpointError::Busy { status: 503 } };
    assert_eq!(world.receive(link(&state)).await.err(), Some(busy.clone()));
    let after = world.view(view.id);
    assert_eq!((after.stage, after.can_retry, after.error), (SignInStage::Exchanging, true, Some(busy.to_string())));
    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Used), "the link is used up all the same");

    let page = world.retry(view.id).await.unwrap_err();
    assert!(page.to_string().contains("something other") && !page.to_string().contains("canary"), "{page}");
    assert!(world.view(view.id).can_retry, "a network's own page passes");
    let signed_in = world.retry(view.id).await.unwrap();
    assert_eq!(access(&signed_in), "canary-access");
    assert!(!world.view(view.id).can_retry);
    let bodies: Vec<_> =
        server.requests().iter().map(|request| request.rsplit("\r\n").next().unwrap().to_owned()).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "each try is the same request");
}

#[tokio::test]
async fn a_refused_code_is_final() {
    let server = Server::answering(&[(400, r#"{"error":"invalid_grant","error_description":"canary"}"#)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    let error = world.receive(link(&world.state())).await.unwrap_err();
    assert!(error.to_string().contains("did not accept the code"), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"));
    assert_eq!(world.view(view.id).stage, SignInStage::Failed);
    assert_eq!(world.retry(view.id).await.err(), Some(SignInError::NotFound));
}

#[tokio::test]
async fn a_link_completes_after_a_restart_and_only_once() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let connection = ConnectionId::new();
    let started = world.sign_ins.start(&world.providers[0], Some(connection), None).await.unwrap();
    let state = world.state();
    let world = world.restarted();
    assert!(world.sign_ins.views().is_empty() && world.keychain.calls() > 0);

    assert_eq!(world.receive(link(&Secret::new("x"))).await.err(), Some(SignInError::Unknown));
    let mut elsewhere = link(&state);
    elsewhere.provider = Some("other".parse().unwrap());
    assert_eq!(world.receive(elsewhere).await.err(), Some(SignInError::WrongProvider("Sandbox".to_owned())));
    let signed_in = world.receive(link(&state)).await.unwrap();
    assert_eq!((signed_in.sign_in, signed_in.reconnect), (started.id, Some(connection)));
    assert!(!world.keychain.records().contains_key("sign-ins"));
    let world = world.restarted();
    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Unknown), "gone with its use");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_an_earlier_run_left_stays_while_others_come_and_goes_when_it_expires() {
    let server = Server::answering(&[]).await;
    let providers = vec![provider(&server.url("/"), ""), provider_named("other", &server.url("/"), "")];
    let world = World::with(providers);
    world.start(None).await;
    let state = world.state();
    let world = world.restarted();
    world.sign_ins.start(&world.providers[1], None, None).await.unwrap();
    let world = world.restarted();
    world.clock.advance(Duration::from_secs(601));
    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Expired), "it was still in the record");
    world.start(None).await;
    let record = world.vault.read_record("sign-ins").await.unwrap().unwrap();
    assert_eq!(record.expose().matches("verifier").count(), 1, "the expired ones are gone");
}

#[tokio::test]
async fn without_a_keychain_a_sign_in_goes_on_in_memory() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    world.keychain.break_down(Some(VaultError::Locked));
    let view = world.start(None).await;
    assert_eq!((view.stage, view.browser_opened, view.error), (SignInStage::Waiting, true, None));
    assert_eq!(world.receive(link(&Secret::new("x"))).await.err(), Some(SignInError::Vault(VaultError::Locked)));
    assert!(world.receive(link(&world.state())).await.is_ok());
}

#[tokio::test]
async fn a_session_keeps_no_record() {
    let world = World::with(vec![provider(&Url::parse("https://id.example/").unwrap(), "")]);
    world.vault.use_session();
    world.start(None).await;
    let state = world.state();
    assert!(world.keychain.records().is_empty());
    assert!(world.vault.read_record("sign-ins").await.unwrap().is_none());
    let world = world.restarted();
    world.vault.use_session();
    let error = world.receive(link(&state)).await.unwrap_err();
    assert!(error.to_string().contains("Start again"), "{error}");
}

#[tokio::test]
async fn what_was_obtained_for_a_cancelled_sign_in_is_revoked() {
    let server = Server::answering(&[(200, TOKENS), (200, ""), (200, "")]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    let state = world.state();
    // Cancelled by the first event after the code was taken.
    let mut listener = world.events.listen();
    let cancelling = async {
        while world.view(view.id).stage != SignInStage::Exchanging {
            listener.next().await;
        }
        world.sign_ins.cancel(view.id).await;
    };
    let (result, ()) = tokio::join!(world.receive(link(&state)), cancelling);
    assert_eq!(result.err(), Some(SignInError::Cancelled));
    assert_eq!(world.view(view.id).stage, SignInStage::Cancelled);
    while server.requests().len() < 3 {
        tokio::task::yield_now().await;
    }
    assert!(server.requests()[1].contains("token=canary-refresh"));
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let mut without = provider(&Url::parse("https://id.example/").unwrap(), "returns = [\"loopback\"]");
    let world = World::with(vec![without.clone()]);
    let start = |kind| world.sign_ins.start(&world.providers[0], None, kind);
    let refused = start(Some(ReturnKind::DeepLink)).await.err();
    assert_eq!(refused, Some(SignInError::ReturnRefused("Sandbox".to_owned())));
    without.sign_in = None;
    let error = world.sign_ins.start(&without, None, None).await.err();
    assert_eq!(error, Some(SignInError::NotOffered("Sandbox".to_owned())));
    let open = provider(&Url::parse("http://id.example/").unwrap(), "");
    let error = world.sign_ins.start(&open, None, None).await.err();
    assert_eq!(error, Some(SignInError::Insecure("Sandbox".to_owned())));
    assert!(world.sign_ins.views().is_empty() && world.browser.pages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_held_credential_can_be_tried_again_or_given_up() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    world.receive(link(&world.state())).await.unwrap();
    world.sign_ins.checking(view.id);
    world.sign_ins.held(view.id, "locked");
    let held = world.view(view.id);
    assert_eq!((held.stage, held.can_retry, held.error.as_deref()), (SignInStage::Exchanging, true, Some("locked")));
    world.sign_ins.cancel(view.id).await;
    assert_eq!(world.view(view.id).stage, SignInStage::Cancelled);
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret() {
    let server = Server::answering(&[(400, r#"{"error":"Canary-1","error_description":"canary"}"#)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    let state = world.state();
    let page = world.browser.last();
    let record = world.vault.read_record("sign-ins").await.unwrap().unwrap();
    let verifier = record.expose().split("\"verifier\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(parameter(&page, "code_challenge").unwrap(), crate::oauth::pkce::challenge(&Secret::new(&*verifier)));
    let error = world.receive(link(&state)).await.unwrap_err();
    let shown = format!("{} {error} {error:?}", serde_json::to_string(&world.view(view.id)).unwrap());
    for secret in [state.expose(), &verifier, "anary", parameter(&page, "code_challenge").unwrap().as_str()] {
        assert!(!shown.contains(secret), "{secret} shows in {shown}");
    }
    let bytes = world.keychain.changes();
    assert!(bytes.iter().all(|change| change.account() == "probe" || change.account() == "sign-ins"));
    assert_eq!(world.keychain.name(), "memory");
}
