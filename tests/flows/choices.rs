//! P1 and P2: what a chat shows is what goes out, and no choice moves another chat.
//!
//! A model of the promises (a few maps) is played beside the real core through random sequences of choices, list
//! changes, disconnects, sign-ins and restarts; every send is compared with the request that arrived at the server.

use std::collections::BTreeMap;

use patchbay_core::error::Code;
use patchbay_core::ids::{ChatId, ConnectionId, ModelReference};
use patchbay_core::models::{Choice, Mark};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::sandbox::{Model, SandboxOptions};

use crate::harness::Harness;

const ACCOUNTS: [&str; 2] = ["ada", "grace"];
const MODELS: [&str; 3] = ["small", "large", "poet"];
const CHATS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Pin { chat: usize, account: usize, model: usize },
    UseDefault { chat: usize },
    SetDefault { account: usize, model: usize },
    TrayPin { chat: usize, account: usize, model: usize },
    TrayDefault { account: usize, model: usize },
    Send { chat: usize },
    Disconnect { account: usize },
    SignIn { account: usize },
    ListWithout { model: usize },
    ListAll,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let (chat, account, model) = (0..CHATS, 0..ACCOUNTS.len(), 0..MODELS.len());
    prop_oneof![
        4 => (chat.clone(), account.clone(), model.clone()).prop_map(|(chat, account, model)| Step::Pin { chat, account, model }),
        2 => chat.clone().prop_map(|chat| Step::UseDefault { chat }),
        3 => (account.clone(), model.clone()).prop_map(|(account, model)| Step::SetDefault { account, model }),
        2 => (chat.clone(), account.clone(), model.clone()).prop_map(|(chat, account, model)| Step::TrayPin { chat, account, model }),
        2 => (account.clone(), model.clone()).prop_map(|(account, model)| Step::TrayDefault { account, model }),
        6 => chat.prop_map(|chat| Step::Send { chat }),
        1 => account.clone().prop_map(|account| Step::Disconnect { account }),
        2 => account.prop_map(|account| Step::SignIn { account }),
        1 => model.prop_map(|model| Step::ListWithout { model }),
        1 => Just(Step::ListAll),
        1 => Just(Step::Restart),
    ]
}

/// The promises as a few maps.
struct Expected {
    connections: BTreeMap<usize, ConnectionId>,
    /// By connection, also of those that are gone: whose it is.
    accounts: BTreeMap<ConnectionId, usize>,
    listed: Vec<&'static str>,
    default: Option<Chosen>,
    chats: Vec<(ChatId, Option<Chosen>)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Chosen {
    reference: ModelReference,
    was_listed: bool,
}

impl Expected {
    fn choose(&self, account: usize, model: usize) -> Option<Chosen> {
        let connection = *self.connections.get(&account)?;
        let reference = ModelReference { connection, model: MODELS[model].into() };
        Some(Chosen { reference, was_listed: self.listed.contains(&MODELS[model]) })
    }

    /// What a chat's next request must be, or nothing where none may be made.
    fn effective(&self, chat: usize) -> Option<&ModelReference> {
        let chosen = self.chats[chat].1.as_ref().or(self.default.as_ref())?;
        let connected = self.connections.values().any(|id| *id == chosen.reference.connection);
        let vanished = chosen.was_listed && !self.listed.contains(&chosen.reference.model.as_str());
        (connected && !vanished).then_some(&chosen.reference)
    }
}

async fn play(steps: Vec<Step>) {
    let options = SandboxOptions { models: models(&MODELS), ..SandboxOptions::default() };
    let mut harness = Harness::with(options).await;
    let mut expected = Expected {
        connections: BTreeMap::new(),
        accounts: BTreeMap::new(),
        listed: MODELS.to_vec(),
        default: None,
        chats: Vec::new(),
    };
    for account in 0..ACCOUNTS.len() {
        sign_in(&harness, &mut expected, account).await;
    }
    for _ in 0..CHATS {
        expected.chats.push((harness.app.create_chat().await.unwrap().id, None));
    }
    for step in steps {
        match step {
            Step::Pin { chat, account, model } => {
                if let Some(chosen) = expected.choose(account, model) {
                    let choice = Choice::Pinned { reference: chosen.reference.clone() };
                    harness.app.set_choice(expected.chats[chat].0, choice).await.unwrap();
                    expected.chats[chat].1 = Some(chosen);
                }
            }
            Step::UseDefault { chat } => {
                harness.app.set_choice(expected.chats[chat].0, Choice::Default).await.unwrap();
                expected.chats[chat].1 = None;
            }
            Step::SetDefault { account, model } => {
                if let Some(chosen) = expected.choose(account, model) {
                    harness.app.set_default_model(Some(chosen.reference.clone())).await.unwrap();
                    expected.default = Some(chosen);
                }
            }
            Step::TrayPin { chat, account, model } => {
                if let Some(chosen) = expected.choose(account, model) {
                    harness.app.open_chat(expected.chats[chat].0).await.unwrap();
                    click(&harness, "chat", &chosen.reference).await;
                    expected.chats[chat].1 = Some(chosen);
                }
            }
            Step::TrayDefault { account, model } => {
                if let Some(chosen) = expected.choose(account, model) {
                    click(&harness, "default", &chosen.reference).await;
                    expected.default = Some(chosen);
                }
            }
            Step::Send { chat } => send(&harness, &expected, chat).await,
            Step::Disconnect { account } => {
                if let Some(id) = expected.connections.remove(&account) {
                    harness.app.disconnect(id).await.unwrap();
                }
            }
            Step::SignIn { account } => sign_in(&harness, &mut expected, account).await,
            Step::ListWithout { model } => {
                let rest: Vec<_> = MODELS.into_iter().filter(|it| *it != MODELS[model]).collect();
                list(&harness, &mut expected, rest).await;
            }
            Step::ListAll => list(&harness, &mut expected, MODELS.to_vec()).await,
            Step::Restart => harness = harness.reopened("").await,
        }
        check(&harness, &expected).await;
    }
}

async fn sign_in(harness: &Harness, expected: &mut Expected, account: usize) {
    let id = harness.sign_in(ACCOUNTS[account]).await;
    expected.connections.insert(account, id);
    expected.accounts.insert(id, account);
    if expected.default.is_none() {
        // The very first connection makes its first model the default, visibly.
        let model = expected.listed.first().copied().unwrap();
        expected.default =
            Some(Chosen { reference: ModelReference { connection: id, model: model.into() }, was_listed: true });
    }
}

async fn list(harness: &Harness, expected: &mut Expected, listed: Vec<&'static str>) {
    harness.sandbox.set_models(models(&listed));
    expected.listed = listed;
    for id in expected.connections.values() {
        harness.app.refresh_models(*id).await.unwrap();
    }
}

async fn click(harness: &Harness, scope: &str, reference: &ModelReference) {
    let id = format!("{scope}/use/{}/{}", reference.connection, reference.model);
    harness.app.tray_action(&id).await.unwrap();
}

async fn send(harness: &Harness, expected: &Expected, chat: usize) {
    harness.sandbox.clear();
    let id = expected.chats[chat].0;
    let Some(reference) = expected.effective(chat) else {
        let refused = harness.app.send(id, "What are you?").await.unwrap_err();
        assert_eq!(refused.code, Code::ModelUnavailable);
        assert!(harness.sandbox.chats().is_empty(), "no request was made");
        return;
    };
    harness.say(id, "What are you?").await;
    let chats = harness.sandbox.chats();
    assert_eq!(chats.len(), 1, "one request");
    assert_eq!(chats[0].model().as_deref(), Some(reference.model.as_str()), "the model that was shown");
    let account = harness.sandbox.account_of(chats[0].bearer().unwrap()).unwrap();
    let whose = ACCOUNTS[expected.accounts[&reference.connection]];
    assert_eq!(account, format!("{whose}@sandbox.example"), "with that account's token");
}

/// Every chat shows exactly what it should, whatever happened to the others.
async fn check(harness: &Harness, expected: &Expected) {
    let shown = harness.app.chats().await.unwrap();
    for (index, (id, chosen)) in expected.chats.iter().enumerate() {
        let chat = shown.iter().find(|chat| chat.id == *id).unwrap();
        let choice = match chosen {
            Some(chosen) => Choice::Pinned { reference: chosen.reference.clone() },
            None => Choice::Default,
        };
        assert_eq!(chat.choice, choice, "chat {index} moved by itself");
        let named = chosen.as_ref().or(expected.default.as_ref()).map(|chosen| chosen.reference.clone());
        assert_eq!(chat.model.reference, named, "chat {index} names another model");
        let mark = match (expected.effective(index), chosen) {
            (None, _) => Mark::Unavailable,
            (Some(_), None) => Mark::Default,
            (Some(_), Some(_)) => Mark::Pinned,
        };
        assert_eq!(chat.model.mark, mark, "chat {index}: {:?}", chat.model);
    }
}

fn models(ids: &[&str]) -> Vec<Model> {
    ids.iter().map(|id| Model::new(id, id, 8_000)).collect()
}

#[test]
fn what_is_shown_is_what_goes_out_through_any_sequence_of_choices() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(Config { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..Config::default() });
    let steps = prop::collection::vec(step(), 1..40);
    let result = runner.run(&steps, |steps| {
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(play(steps))));
        played.map_err(|panic| {
            let words = panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned());
            TestCaseError::fail(words)
        })
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
