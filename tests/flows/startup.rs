//! What a window finds when it begins.

use patchbay_core::error::Code;
use patchbay_core::event::AppEvent;
use patchbay_core::ids::{ChatId, ConnectionId, SignInId};
use patchbay_core::oauth::ReturnKind;

use crate::harness::Harness;

#[tokio::test]
async fn what_happened_before_a_window_is_told_once_and_later_things_at_once() {
    let harness = Harness::start().await;
    let mut events = harness.app.events().listen();
    harness.app.notice("Before".to_owned());
    assert_eq!(harness.app.startup().notices, ["Before"]);
    assert!(harness.app.startup().notices.is_empty(), "a second window does not repeat it");
    harness.app.notice("After".to_owned());
    assert_eq!(events.next().await, Some(AppEvent::Notice { message: "After".to_owned() }), "and nothing before it");
    assert!(harness.app.startup().notices.is_empty());
}

#[tokio::test]
async fn the_current_chat_is_one_that_is_there() {
    let harness = Harness::start().await;
    let (one, two) = (harness.app.create_chat().await.unwrap().id, harness.app.create_chat().await.unwrap().id);
    harness.app.open_chat(one).await.unwrap();
    let harness = harness.reopened("").await;
    assert_eq!(harness.app.startup().current_chat, Some(one));
    harness.app.delete_chat(two).await.unwrap();
    assert_eq!(harness.app.startup().current_chat, Some(one), "another one's end does not matter");
    // As after a crash between the two writes of a deletion.
    harness.database().execute("UPDATE chats SET deleted_at = 9e15 WHERE id = ?1", [one.to_string()]).unwrap();
    let harness = harness.reopened("").await;
    assert_eq!(harness.app.startup().current_chat, None);
    harness.app.restore_chat(one).await.unwrap();
    harness.app.open_chat(one).await.unwrap();
    harness.app.delete_chat(one).await.unwrap();
    assert_eq!(harness.app.startup().current_chat, None);
}

#[tokio::test]
async fn what_does_not_exist_is_told_as_gone() {
    let harness = Harness::start().await;
    let (chat, connection, sign_in) = (ChatId::new(), ConnectionId::new(), SignInId::new());
    let app = &harness.app;
    let codes = [
        app.open_chat(chat).await.unwrap_err().code,
        app.rename_chat(chat, "Name").await.unwrap_err().code,
        app.delete_chat(chat).await.unwrap_err().code,
        app.restore_chat(chat).await.unwrap_err().code,
        app.send(chat, "Hello").await.unwrap_err().code,
        app.retry_answer(chat).await.unwrap_err().code,
        app.rename_connection(connection, "Name").await.unwrap_err().code,
        app.check_connection(connection).await.unwrap_err().code,
        app.refresh_models(connection).await.unwrap_err().code,
        app.disconnect(connection).await.unwrap_err().code,
        app.submit_sign_in(sign_in, "code").await.unwrap_err().code,
        app.retry_sign_in(sign_in).await.unwrap_err().code,
    ];
    assert_eq!(codes, [Code::NotFound; 12]);
    app.stop(chat);
    assert!(app.watch_run(chat).is_none());
}

#[tokio::test]
async fn the_example_in_the_readme_is_a_provider() {
    let readme = include_str!("../../README.md");
    let (_, example) = readme.split_once("```toml\n").expect("there is an example");
    let (example, _) = example.split_once("```").unwrap();
    let harness = Harness::start().await.reopened(example).await;
    assert_eq!(harness.notices(), Vec::<String>::new());
    let providers = harness.app.providers();
    let provider = providers.iter().find(|provider| provider.id.as_str() == "example").expect("it is offered");
    assert!(provider.takes_key);
    assert_eq!(provider.returns, [ReturnKind::DeepLink, ReturnKind::Loopback]);
}
