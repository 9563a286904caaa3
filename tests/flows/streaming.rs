//! Answers: what is shown, what is stored, and what happens when the provider or the person stops.

use patchbay_core::chat::{MessageState, MessageView, RunFrame};
use patchbay_core::event::AppEvent;
use patchbay_core::ids::{ChatId, ModelReference};
use patchbay_core::models::Choice;
use support::sandbox::{Answer, Endpoint, Fault, Piece};

use crate::harness::{Harness, PATIENCE};

fn answer(view: &patchbay_core::chat::ChatView) -> &MessageView {
    view.messages.last().expect("there is an answer")
}

/// Signed in, in a new chat on the default.
async fn in_a_chat() -> (Harness, ChatId) {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let chat = harness.app.create_chat().await.unwrap().id;
    (harness, chat)
}

#[tokio::test]
async fn an_answer_streams_in_frames_that_add_up_to_what_is_stored() {
    let (harness, chat) = in_a_chat().await;
    let gate = harness.sandbox.hold();
    let mut events = harness.app.events().listen();
    harness.app.send(chat, "Tell me *everything*").await.unwrap();
    let mut watcher = harness.app.watch_run(chat).expect("it runs");
    let mut frames: Vec<RunFrame> = Vec::new();
    gate.release(5);
    while frames.last().is_none_or(|frame| frame.tail.is_empty() && frame.closed.is_empty()) {
        frames.push(tokio::time::timeout(PATIENCE, watcher.next()).await.unwrap().unwrap());
    }
    // Someone who comes later gets everything from the beginning.
    let mut late = harness.app.watch_run(chat).expect("it still runs");
    let first = late.next().await.unwrap();
    assert!(first.reset && first.end.is_none());
    gate.open();
    while let Some(frame) = tokio::time::timeout(PATIENCE, watcher.next()).await.unwrap() {
        frames.push(frame);
    }
    assert!(frames[0].reset && frames.iter().skip(1).all(|frame| !frame.reset));
    let end = frames.last().unwrap().end.clone().expect("the last frame brings the stored message");
    let stored = harness.finished(chat, &mut events).await;
    assert_eq!(answer(&stored), &end);
    let shown: String = frames.iter().flat_map(|frame| frame.closed.clone()).collect();
    let last_tail = &frames.last().unwrap().tail;
    assert_eq!(format!("{shown}{last_tail}"), end.blocks.concat(), "what was shown is what is stored");
    assert_eq!(end.state, MessageState::Complete);
    assert!(end.usage.is_some() && end.duration_ms.is_some());
    let written_by = end.written_by.unwrap();
    assert_eq!((written_by.name.as_str(), written_by.on_default), ("Sandbox Small", true));
    let sent = &harness.sandbox.chats()[0];
    assert_eq!(sent.model().unwrap(), "sandbox-small");
    assert_eq!(sent.json()["messages"][0]["content"], "Tell me *everything*");
    assert_eq!(stored.summary.title, "Tell me *everything*");
}

#[tokio::test]
async fn letters_cut_in_the_middle_arrive_whole_and_thinking_is_kept_apart() {
    let (harness, chat) = in_a_chat().await;
    let text = "Grüße, 世界 🌍 — שלום";
    let mut said = Answer::text_of(text);
    said.pieces.insert(0, Piece::Reasoning("Höflich sein.".to_owned()));
    said.bytes_per_write = Some(1);
    harness.sandbox.set_answer(Some(said));
    let view = harness.say(chat, "Hi").await;
    assert_eq!(answer(&view).text, text);
    assert_eq!(answer(&view).reasoning.as_deref(), Some("Höflich sein."));
}

#[tokio::test]
async fn stopping_keeps_what_arrived_and_ends_the_request() {
    let (harness, chat) = in_a_chat().await;
    let gate = harness.sandbox.hold();
    let mut events = harness.app.events().listen();
    harness.app.send(chat, "Go").await.unwrap();
    let refused = harness.app.send(chat, "And more").await.unwrap_err();
    assert!(!refused.message.is_empty(), "one answer at a time");
    gate.release(4);
    let mut watcher = harness.app.watch_run(chat).unwrap();
    while watcher.next().await.unwrap().tail.is_empty() {}
    harness.app.stop(chat);
    let view = harness.finished(chat, &mut events).await;
    assert_eq!(answer(&view).state, MessageState::Stopped);
    assert!(!answer(&view).text.is_empty());
    assert_eq!(view.messages.len(), 2, "the refused message was not stored");
    harness.sandbox.wait_for_streams(0, PATIENCE).await.expect("the provider sees that nobody listens");
    gate.open();
    let view = harness.say(chat, "Go on").await;
    assert_eq!(answer(&view).state, MessageState::Complete);
    let history = harness.sandbox.chats().last().unwrap().json()["messages"].as_array().unwrap().len();
    assert_eq!(history, 3, "the stopped answer is part of what was said");
}

#[tokio::test]
async fn every_way_to_fail_is_told_and_keeps_what_arrived() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let status = |status: u16, body: &str| Fault::Status {
        status,
        body: body.to_owned(),
        headers: std::collections::BTreeMap::new(),
    };
    let faults = [
        (Fault::StreamError { after: 3, message: "the engine stalled".to_owned() }, Some(true)),
        // A reset may overtake what was sent before it.
        (Fault::StreamCut { after: 3 }, None),
        (Fault::StreamEnd { after: 3 }, Some(true)),
        (Fault::Html, Some(false)),
        (status(400, r#"{"error":{"message":"bad model","code":"invalid"}}"#), Some(false)),
        (status(404, r#"{"error":{"message":"no such model","code":"model_not_found"}}"#), Some(false)),
        (status(402, r#"{"error":{"message":"no money","code":"insufficient_quota"}}"#), Some(false)),
        (Fault::RateLimited { retry_after: 3_600 }, Some(false)),
    ];
    for (fault, keeps_text) in faults {
        harness.sandbox.clear();
        let chat = harness.app.create_chat().await.unwrap().id;
        harness.sandbox.inject(Endpoint::Chat, fault.clone(), Some(1));
        let view = harness.say(chat, "Hello").await;
        let failed = answer(&view);
        assert_eq!(failed.state, MessageState::Failed, "{fault:?}");
        assert!(failed.remark.is_some(), "{fault:?} is told");
        if let Some(keeps_text) = keeps_text {
            assert_eq!(!failed.text.is_empty(), keeps_text, "{fault:?}: {:?}", failed.text);
        }
        assert_eq!(harness.sandbox.chats().len(), 1, "{fault:?}: nothing is repeated that should not be");
        let mut events = harness.app.events().listen();
        harness.app.retry_answer(chat).await.unwrap();
        let view = harness.finished(chat, &mut events).await;
        assert_eq!(view.messages.len(), 2, "{fault:?}: the new answer stands in place of the failed one");
        assert_eq!(answer(&view).state, MessageState::Complete, "{fault:?}: {:?}", answer(&view).remark);
    }
}

#[tokio::test]
async fn before_the_first_byte_it_is_tried_again_and_after_it_never() {
    let (harness, chat) = in_a_chat().await;
    harness.sandbox.inject_once(Endpoint::Chat, Fault::RateLimited { retry_after: 0 });
    harness.sandbox.inject_once(Endpoint::Chat, Fault::Reset);
    let view = harness.say(chat, "Hello").await;
    assert_eq!(answer(&view).state, MessageState::Complete, "{:?}", answer(&view).remark);
    assert_eq!(harness.sandbox.chats().len(), 3);
    harness.sandbox.clear();
    harness.sandbox.inject_once(Endpoint::Chat, Fault::StreamCut { after: 1 });
    let view = harness.say(chat, "Hello again").await;
    assert_eq!(answer(&view).state, MessageState::Failed);
    assert_eq!(harness.sandbox.chats().len(), 1);
}

#[tokio::test]
async fn odd_bytes_in_the_stream_are_passed_over() {
    let (harness, chat) = in_a_chat().await;
    let mut said = Answer::text_of("All well");
    said.pieces.insert(0, Piece::Raw(": keep-alive\n\n".to_owned()));
    said.pieces.insert(1, Piece::Raw("data: {\"choices\":[]}\n\n".to_owned()));
    said.pieces.insert(2, Piece::Raw("event: ping\ndata: {}\n\n".to_owned()));
    harness.sandbox.set_answer(Some(said));
    let view = harness.say(chat, "Hi").await;
    assert_eq!((answer(&view).text.as_str(), answer(&view).state), ("All well", MessageState::Complete));
}

#[tokio::test]
async fn chats_are_made_named_deleted_and_brought_back_and_an_unknown_one_is_an_error() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let app = &harness.app;
    let chat = app.create_chat().await.unwrap().id;
    harness.say(chat, "First words").await;
    app.rename_chat(chat, "  Trip to Lisbon ").await.unwrap();
    assert_eq!(app.chats().await.unwrap()[0].title, "Trip to Lisbon");
    app.delete_chat(chat).await.unwrap();
    assert!(app.chats().await.unwrap().is_empty());
    let requests = harness.sandbox.captures().len();
    app.send(chat, "Anyone?").await.unwrap_err();
    app.open_chat(chat).await.unwrap_err();
    assert_eq!(harness.sandbox.captures().len(), requests, "no request was made for a chat that is gone");
    app.restore_chat(chat).await.unwrap();
    assert_eq!(app.open_chat(chat).await.unwrap().messages.len(), 2, "nothing was lost");
    for text in ["", "  \n "] {
        app.send(chat, text).await.unwrap_err();
    }
    let mut events = app.events().listen();
    app.set_default_model(None).await.unwrap();
    assert_eq!(events.next().await, Some(AppEvent::DefaultModelChanged));
    let refused = app.send(chat, "Hello").await.unwrap_err();
    assert_eq!(refused.code, patchbay_core::error::Code::ModelUnavailable);
    assert_eq!(app.open_chat(chat).await.unwrap().messages.len(), 2, "what could not be sent was not stored");
}

#[tokio::test]
async fn an_answer_that_cannot_be_saved_stays_on_the_screen_and_is_saved_later() {
    let (harness, chat) = in_a_chat().await;
    let gate = harness.sandbox.hold();
    let mut events = harness.app.events().listen();
    harness.app.send(chat, "Go").await.unwrap();
    gate.release(3);
    let mut watcher = harness.app.watch_run(chat).unwrap();
    while watcher.next().await.unwrap().tail.is_empty() {}
    // From here on the database takes nothing of an answer, as on a full disk.
    let full = "CREATE TRIGGER full BEFORE INSERT ON parts BEGIN SELECT RAISE(ABORT, 'full'); END";
    harness.database().execute_batch(full).unwrap();
    gate.open();
    let whole = answer(&harness.finished(chat, &mut events).await).clone();
    assert_eq!(whole.state, MessageState::Complete, "it is not shown as running for ever");
    assert!(whole.remark.as_ref().is_some_and(|remark| remark.contains("could not be saved")), "{:?}", whole.remark);
    assert_eq!(answer(&harness.app.open_chat(chat).await.unwrap()), &whole, "also when the chat is opened again");
    harness.app.send(chat, "And?").await.expect_err("what cannot be stored is not sent");
    assert_eq!(harness.sandbox.chats().len(), 1);
    harness.database().execute_batch("DROP TRIGGER full").unwrap();
    harness.say(chat, "And?").await;
    let sent = harness.sandbox.chats().pop().unwrap().json();
    assert_eq!(sent["messages"][1]["content"], whole.text.as_str(), "the whole answer is part of what was said");
    let harness = harness.reopened("").await;
    let kept = harness.app.open_chat(chat).await.unwrap().messages.remove(1);
    assert_eq!((kept.state, kept.text, kept.remark), (MessageState::Complete, whole.text, None));
}

#[tokio::test]
async fn an_answer_that_holds_nothing_is_not_part_of_what_was_said() {
    let (harness, chat) = in_a_chat().await;
    harness.sandbox.inject_once(Endpoint::Chat, Fault::Html);
    harness.say(chat, "One").await;
    harness.sandbox.inject_once(Endpoint::Chat, Fault::StreamEnd { after: 2 });
    let cut = answer(&harness.say(chat, "Two").await).text.clone();
    assert!(!cut.is_empty());
    let mut events = harness.app.events().listen();
    harness.app.retry_answer(chat).await.unwrap();
    let view = harness.finished(chat, &mut events).await;
    let messages = harness.sandbox.chats().pop().unwrap().json()["messages"].clone();
    let said: Vec<_> =
        messages.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap()).collect();
    assert_eq!(said, ["One", "Two"], "neither the failed answer nor the one that is tried again");
    assert_eq!(view.messages.len(), 4);
    let database = harness.database();
    let siblings: i64 = database.query_row("SELECT count(*) FROM messages", [], |row| row.get(0)).unwrap();
    assert_eq!(siblings, 5, "the answer before is kept beside the new one");
}

#[tokio::test]
async fn choosing_renaming_and_deleting_while_a_message_is_sent_is_not_undone_by_it() {
    let harness = Harness::start().await;
    let connection = harness.sign_in("ada").await;
    let app = &harness.app;
    for round in 0..10 {
        let chat = app.create_chat().await.unwrap().id;
        let reference = ModelReference { connection, model: "sandbox-large".into() };
        let choice = Choice::Pinned { reference };
        let mut events = app.events().listen();
        let (sent, chosen, renamed) =
            tokio::join!(app.send(chat, "Hello"), app.set_choice(chat, choice.clone()), app.rename_chat(chat, "Mine"));
        assert!(sent.is_ok() && chosen.is_ok() && renamed.is_ok());
        let view = harness.finished(chat, &mut events).await;
        assert_eq!((view.summary.choice, &*view.summary.title), (choice, "Mine"), "round {round}");
        let (sent, deleted) = tokio::join!(app.send(chat, "And now?"), app.delete_chat(chat));
        deleted.unwrap();
        assert!(app.open_chat(chat).await.is_err(), "round {round}: it stays deleted, sent or not: {sent:?}");
    }
    harness.sandbox.wait_for_streams(0, PATIENCE).await.expect("nothing goes on in a chat that is gone");
}

#[tokio::test]
async fn a_fifth_answer_waits_for_its_turn_and_can_be_stopped_while_it_waits() {
    let harness = Harness::start().await;
    harness.sign_in("ada").await;
    let gate = harness.sandbox.hold();
    let mut chats = Vec::new();
    for _ in 0..5 {
        let chat = harness.app.create_chat().await.unwrap().id;
        harness.app.send(chat, "Hello").await.unwrap();
        chats.push(chat);
    }
    harness.sandbox.wait_for_streams(4, PATIENCE).await.expect("four at once");
    let mut events = harness.app.events().listen();
    harness.app.stop(chats[4]);
    let view = harness.finished(chats[4], &mut events).await;
    assert_eq!(answer(&view).state, MessageState::Stopped);
    assert_eq!(harness.sandbox.chats().len(), 4, "no request was made for it");
    harness.app.retry_answer(chats[4]).await.unwrap();
    gate.open();
    for chat in chats {
        let view = harness.finished(chat, &mut events).await;
        assert_eq!(answer(&view).state, MessageState::Complete);
    }
}
