//! The three returns: starting, switching, ending, and what comes back on each.

use std::net::Ipv4Addr;

use super::*;
use crate::oauth::PasteError;

#[tokio::test]
async fn the_loopback_return_brings_the_response() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let mut arrivals = world.sign_ins.arrivals().unwrap();
    assert!(world.sign_ins.arrivals().is_none(), "one listener");
    let view = world.start(Some(ReturnKind::Loopback)).await;
    assert_eq!(world.keychain.calls(), 0, "a page dies with the process, so nothing is kept");
    let redirect = Url::parse(&parameter(&world.browser.last(), "redirect_uri").unwrap()).unwrap();
    assert_eq!((redirect.host_str(), redirect.path()), (Some("127.0.0.1"), "/oauth/callback"));
    let visit = |query: String| client().get(format!("{redirect}?{query}")).send();
    let state = world.state();
    assert_eq!(visit("code=c&state=wrong".to_owned()).await.unwrap().status(), 400, "does not end the attempt");
    assert_eq!(visit(format!("code=c&state={}", state.expose())).await.unwrap().status(), 200);
    let arrival = arrivals.recv().await.unwrap();
    assert!(world.receive(arrival).await.is_ok());
    assert_eq!(world.view(view.id).stage, SignInStage::Exchanging, "storing is the caller's");
    assert!(visit(format!("code=c&state={}", state.expose())).await.is_err(), "closed at the end");
}

#[tokio::test]
async fn cancelling_closes_and_forgets() {
    let world = World::with(vec![provider(&Url::parse("https://id.example/").unwrap(), "")]);
    let view = world.start(Some(ReturnKind::Loopback)).await;
    let redirect = parameter(&world.browser.last(), "redirect_uri").unwrap();
    let state = world.state();
    world.sign_ins.cancel(view.id).await;
    assert_eq!(world.view(view.id).stage, SignInStage::Cancelled);
    assert_eq!(world.receive(link(&state)).await.err(), Some(SignInError::Cancelled));
    assert_eq!(world.sign_ins.open_browser_again(view.id).await.err(), Some(SignInError::NotFound));
    // The port is free again once the aborted task has run.
    let port = Url::parse(&redirect).unwrap().port().unwrap();
    while tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        tokio::task::yield_now().await;
    }
    let view = world.start(None).await;
    assert!(world.keychain.records().contains_key("sign-ins"));
    world.sign_ins.cancel(view.id).await;
    assert!(!world.keychain.records().contains_key("sign-ins"));
    world.sign_ins.cancel(SignInId::new()).await;
}

#[tokio::test]
async fn a_second_start_replaces_the_first_even_on_a_fixed_port() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let server = Server::answering(&[(200, TOKENS)]).await;
    let fixed = format!("returns = [\"loopback\"]\nloopback = {{ ports = [{port}] }}");
    let world = World::with(vec![provider(&server.url("/"), &fixed)]);
    let first = world.start(None).await;
    let old = world.state();
    let second = world.start(None).await;
    assert_eq!((second.return_kind, &second.error), (ReturnKind::Loopback, &None), "the port was free again");
    assert_eq!(world.view(first.id).stage, SignInStage::Cancelled);
    let arrival = |state: &Secret| Arrival { kind: ReturnKind::Loopback, ..link(state) };
    assert_eq!(world.receive(arrival(&old)).await.err(), Some(SignInError::Cancelled));
    assert!(world.receive(arrival(&world.state())).await.is_ok());
}

#[tokio::test]
async fn taken_ports_lead_to_another_return_in_words() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let server = Server::answering(&[(200, TOKENS)]).await;
    let with_link = format!("returns = [\"loopback\", \"deep_link\"]\nloopback = {{ ports = [{port}] }}");
    let world = World::with(vec![provider(&server.url("/"), &with_link)]);
    let view = world.start(None).await;
    assert_eq!((view.return_kind, view.error.is_some()), (ReturnKind::DeepLink, true));

    let without = format!("returns = [\"loopback\"]\nloopback = {{ ports = [{port}] }}");
    let world = World::with(vec![provider(&server.url("/"), &without)]);
    let view = world.start(None).await;
    assert_eq!((view.return_kind, view.stage), (ReturnKind::Paste, SignInStage::Waiting));
    assert!(view.error.is_some_and(|words| words.contains("copy the address")));
    let redirect = parameter(&world.browser.last(), "redirect_uri").unwrap();
    assert_eq!(redirect, format!("http://127.0.0.1:{port}/oauth/callback"));
    let text = format!("{redirect}?code=c&state={}", world.state().expose());
    assert!(world.paste(view.id, &text).await.is_ok());
}

#[tokio::test]
async fn a_browser_that_does_not_start_is_said_and_nothing_is_lost() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    *world.browser.broken.lock().unwrap() = true;
    let view = world.start(None).await;
    assert_eq!((view.stage, view.browser_opened), (SignInStage::Waiting, false));
    assert!(view.error.as_ref().is_some_and(|words| words.contains("browser could not be started")));
    assert!(!serde_json::to_string(&view).unwrap().contains("authorize"), "the address holds the state");
    *world.browser.broken.lock().unwrap() = false;
    world.sign_ins.open_browser_again(view.id).await.unwrap();
    let view = world.view(view.id);
    assert_eq!((view.browser_opened, view.error), (true, None));
    assert!(world.receive(link(&world.state())).await.is_ok());
}

#[tokio::test]
async fn another_return_is_a_new_request_of_the_same_sign_in() {
    let server = Server::answering(&[(200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "")]);
    let view = world.start(None).await;
    let old = world.state();
    world.sign_ins.switch_return(view.id, ReturnKind::Paste).await.unwrap();
    assert_eq!(world.browser.pages.lock().unwrap().len(), 1, "pasting needs no new page");
    world.sign_ins.switch_return(view.id, ReturnKind::Loopback).await.unwrap();
    let switched = world.view(view.id);
    assert_eq!((switched.return_kind, switched.expires_at), (ReturnKind::Loopback, view.expires_at));
    assert!(!world.keychain.records().contains_key("sign-ins"), "the link's request is not waited for any more");
    assert_eq!(world.receive(link(&old)).await.err(), Some(SignInError::Cancelled), "the old page's answer");
    let arrival = Arrival { kind: ReturnKind::Loopback, ..link(&world.state()) };
    assert!(world.receive(arrival).await.is_ok());
    assert_eq!(world.sign_ins.switch_return(view.id, ReturnKind::Paste).await.err(), Some(SignInError::NotFound));
}

#[tokio::test]
async fn pasted_answers_are_bound_to_their_dialog() {
    let server = Server::answering(&[(200, TOKENS), (200, TOKENS)]).await;
    let providers = vec![provider(&server.url("/"), ""), provider_named("other", &server.url("/"), "")];
    let world = World::with(providers);
    let view = world.start(None).await;
    let state = world.state();
    let other = world.sign_ins.start(&world.providers[1], None, None).await.unwrap();
    let text = format!("app.patchbay://oauth/sandbox?code=canary&state={}", state.expose());
    assert_eq!(world.paste(other.id, &text).await.err(), Some(SignInError::Paste(PasteError::Other)));
    let incomplete = "app.patchbay://oauth/sandbox?code=canary";
    assert_eq!(world.paste(view.id, incomplete).await.err(), Some(SignInError::Paste(PasteError::Incomplete)));
    assert_eq!(world.paste(view.id, "https://x/").await.err(), Some(SignInError::Paste(PasteError::Unusable)));
    assert_eq!(world.view(view.id).stage, SignInStage::Waiting);
    assert!(world.view(view.id).error.is_some());
    assert!(world.paste(view.id, &text).await.is_ok());
    assert!(world.paste(other.id, "canary-bare-code").await.is_ok(), "a code alone is this dialog's");
    assert_eq!(world.paste(view.id, &text).await.err(), Some(SignInError::NotFound), "over");
}

#[tokio::test]
async fn a_key_exchange_ends_in_a_key() {
    let server = Server::answering(&[(200, r#"{"key":"sk-or-v1-canary","user_id":"user_1"}"#)]).await;
    let world = World::with(vec![provider(&server.url("/"), "strategy = \"key_exchange\"")]);
    let mut arrivals = world.sign_ins.arrivals().unwrap();
    let view = world.start(None).await;
    assert_eq!(view.returns, [ReturnKind::Loopback, ReturnKind::Paste]);
    let callback = parameter(&world.browser.last(), "callback_url").unwrap();
    assert_eq!(client().get(format!("{callback}?code=c")).send().await.unwrap().status(), 200);
    let signed_in = world.receive(arrivals.recv().await.unwrap()).await.unwrap();
    assert_eq!((access(&signed_in), signed_in.account.as_deref()), ("sk-or-v1-canary", Some("user_1")));
    assert!(matches!(signed_in.credential, Credential::ApiKey(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_starts_at_once_leave_one_that_works() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let fixed = format!("returns = [\"loopback\", \"deep_link\"]\nloopback = {{ ports = [{port}] }}");
    let world = World::with(vec![provider(&Url::parse("https://id.example/").unwrap(), &fixed)]);
    let starts = (0..16).map(|_| {
        let (sign_ins, provider) = (world.sign_ins.clone(), world.providers[0].clone());
        tokio::spawn(async move { sign_ins.start(&provider, None, None).await.unwrap() })
    });
    for start in starts.collect::<Vec<_>>() {
        let view = start.await.unwrap();
        assert_eq!(view.return_kind, ReturnKind::Loopback, "the port was another start's: {:?}", view.error);
    }
    let waiting = world.sign_ins.views().into_iter().filter(|view| view.stage == SignInStage::Waiting).count();
    assert_eq!(waiting, 1, "never more than one a provider");
}

#[tokio::test]
async fn the_page_takes_the_right_response_after_a_wrong_one() {
    let server = Server::answering(&[(400, r#"{"error":"invalid_grant"}"#), (200, TOKENS)]).await;
    let world = World::with(vec![provider(&server.url("/"), "issuer = \"https://id.example\"")]);
    let mut arrivals = world.sign_ins.arrivals().unwrap();
    let view = world.start(Some(ReturnKind::Loopback)).await;
    let redirect = parameter(&world.browser.last(), "redirect_uri").unwrap();
    let state = world.state();
    let visit = |issuer: &str| {
        let query = format!("code=c&state={}&iss=https://{issuer}.example", state.expose());
        client().get(format!("{redirect}?{query}")).send()
    };
    assert_eq!(visit("evil").await.unwrap().status(), 200);
    let wrong = world.receive(arrivals.recv().await.unwrap()).await.err();
    assert!(matches!(wrong, Some(SignInError::WrongIssuer(_))), "{wrong:?}");
    // A code by hand is being tried while the browser comes back: that response is turned away, but not for good.
    assert_eq!(visit("id").await.unwrap().status(), 200, "a wrong one must not use the page up");
    let early = arrivals.recv().await.unwrap();
    assert!(world.paste(view.id, "wrong-code").await.is_err());
    drop(early);
    assert_eq!(visit("id").await.unwrap().status(), 200, "the browser again brings the right one");
    assert!(world.receive(arrivals.recv().await.unwrap()).await.is_ok());
}
