//! The vault over a fake keychain.

use super::*;

fn tokens(access: &str) -> Credential {
    Credential::OAuth(OAuthTokens {
        access_token: Secret::new(access),
        refresh_token: None,
        expires_at: None,
        scope: None,
    })
}

fn access(credential: Option<&Credential>) -> Option<&str> {
    match credential {
        Some(Credential::OAuth(tokens)) => Some(tokens.access_token.expose()),
        _ => None,
    }
}

fn vault() -> (Arc<Memory>, Arc<Vault>) {
    let keychain = Arc::new(Memory::default());
    let vault = Vault::new(keychain.clone(), Events::default());
    (keychain, vault)
}

fn unavailable() -> VaultError {
    VaultError::Unavailable("no keyring here".to_owned())
}

#[tokio::test]
async fn nothing_is_asked_before_the_first_use_and_the_canary_is_gone_after_it() {
    let (keychain, vault) = vault();
    assert_eq!((vault.state(), keychain.calls()), (VaultState::Unopened, 0), "start-up asks nothing");
    assert!(matches!(vault.probe().await, VaultState::Keychain { .. }));
    assert!(keychain.records().is_empty(), "the canary stayed behind");
    let calls = keychain.calls();
    vault.probe().await;
    assert_eq!(keychain.calls(), calls, "asked once");
}

#[tokio::test]
async fn a_credential_is_kept_replaced_and_forgotten() {
    let (_, vault) = vault();
    let (one, other) = (ConnectionId::new(), ConnectionId::new());
    vault.write_credential(one, &tokens("first")).await.unwrap();
    vault.write_credential(one, &tokens("second")).await.unwrap();
    vault.write_credential(other, &tokens("other")).await.unwrap();
    assert_eq!(access(vault.read_credential(one).await.unwrap().as_ref()), Some("second"));
    vault.delete_credential(one).await.unwrap();
    vault.delete_credential(one).await.unwrap();
    assert!(vault.read_credential(one).await.unwrap().is_none());
    assert_eq!(access(vault.read_credential(other).await.unwrap().as_ref()), Some("other"), "the other one stays");
}

#[tokio::test]
async fn records_of_other_kinds_are_kept_as_text() {
    let (keychain, vault) = vault();
    vault.write_record("sign-ins", &Secret::new("{\"a\":1}")).await.unwrap();
    assert_eq!(keychain.records()["sign-ins"].expose(), "eyJhIjoxfQ", "base64url, which every keychain keeps");
    assert_eq!(vault.read_record("sign-ins").await.unwrap().unwrap().expose(), "{\"a\":1}");
    vault.delete_record("sign-ins").await.unwrap();
    assert!(vault.read_record("sign-ins").await.unwrap().is_none());
}

#[tokio::test]
async fn a_dead_keychain_is_asked_once_and_never_silently_replaced() {
    let (keychain, vault) = vault();
    keychain.break_down(Some(unavailable()));
    let connection = ConnectionId::new();
    assert_eq!(vault.write_credential(connection, &tokens("canary")).await.err(), Some(unavailable()));
    assert_eq!(vault.state(), VaultState::Unavailable { message: "no keyring here".to_owned() });
    let calls = keychain.calls();
    assert_eq!(vault.read_credential(connection).await.err(), Some(unavailable()));
    assert_eq!(keychain.calls(), calls, "a dead keychain is not asked at every call");
    assert!(!vault.is_session(), "nobody chose the session");

    keychain.break_down(None);
    assert!(matches!(vault.retry().await, VaultState::Keychain { .. }));
    vault.write_credential(connection, &tokens("later")).await.unwrap();
    assert_eq!(access(vault.read_credential(connection).await.unwrap().as_ref()), Some("later"));
}

#[tokio::test]
async fn a_keychain_that_gets_locked_later_is_noticed_and_told() {
    let keychain = Arc::new(Memory::default());
    let events = Events::default();
    let vault = Vault::new(keychain.clone(), events.clone());
    vault.probe().await;
    let mut listener = events.listen();
    keychain.fail_next(VaultError::Locked);
    assert_eq!(vault.read_credential(ConnectionId::new()).await.err(), Some(VaultError::Locked));
    assert!(matches!(vault.state(), VaultState::Unavailable { .. }));
    assert_eq!(listener.next().await, Some(AppEvent::VaultChanged));
    assert!(matches!(vault.retry().await, VaultState::Keychain { .. }), "unlocked in the meantime");
}

#[tokio::test]
async fn one_refused_record_does_not_condemn_the_keychain() {
    let (keychain, vault) = vault();
    vault.probe().await;
    keychain.fail_next(VaultError::Refused);
    assert_eq!(vault.write_credential(ConnectionId::new(), &tokens("a")).await.err(), Some(VaultError::Refused));
    assert!(matches!(vault.state(), VaultState::Keychain { .. }));
}

#[tokio::test]
async fn the_session_is_a_choice_and_moves_into_a_keychain_that_comes_back() {
    let (keychain, vault) = vault();
    keychain.break_down(Some(unavailable()));
    vault.probe().await;
    vault.use_session();
    assert_eq!((vault.state(), vault.is_session()), (VaultState::Session, true));
    let connection = ConnectionId::new();
    vault.write_credential(connection, &tokens("kept")).await.unwrap();
    assert!(keychain.records().is_empty(), "the session stays in memory");

    assert_eq!(vault.retry().await, VaultState::Session, "a keychain that is still dead takes nothing away");
    assert_eq!(access(vault.read_credential(connection).await.unwrap().as_ref()), Some("kept"));

    keychain.break_down(None);
    assert!(matches!(vault.retry().await, VaultState::Keychain { .. }));
    assert_eq!(access(vault.read_credential(connection).await.unwrap().as_ref()), Some("kept"), "moved");
    assert!(keychain.records().contains_key(&connection.to_string()));
}

#[tokio::test]
async fn many_first_users_cause_one_probe() {
    let (keychain, vault) = vault();
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let vault = vault.clone();
            tokio::spawn(async move { vault.read_record("x").await.map(|found| found.is_none()) })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), Ok(true));
    }
    let probes = keychain.changes().iter().filter(|change| matches!(change, Change::Write { .. })).count();
    assert_eq!(probes, 1, "the others wait for the first one's answer");
}

#[tokio::test]
async fn a_damaged_record_is_told_from_a_missing_one() {
    let (keychain, vault) = vault();
    let connection = ConnectionId::new();
    keychain.write(&connection.to_string(), &Secret::new("not ours")).unwrap();
    assert_eq!(vault.read_credential(connection).await.err(), Some(VaultError::Damaged));
    assert!(matches!(vault.state(), VaultState::Keychain { .. }), "the keychain itself works");
}
