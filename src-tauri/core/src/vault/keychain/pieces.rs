//! Records that are larger than one item of the keychain may be (2,560 bytes on Windows), over several items.
//!
//! The account's own item is then a head that names the pieces. Pieces of the new record never overwrite those of the
//! old one, and the head is written after them, so whatever moment the process dies at, the head leads to a whole
//! record. A head begins with a character that packed records never hold.

use super::super::{Secret, VaultError};

/// Single items of a keychain.
pub(super) trait Items {
    fn get(&self, account: &str) -> Result<Option<Secret>, VaultError>;
    fn set(&self, account: &str, value: &Secret) -> Result<(), VaultError>;
    fn remove(&self, account: &str) -> Result<(), VaultError>;
}

/// Which of the two sets of pieces is in use, and how many there are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Head {
    set: char,
    count: usize,
}

impl Head {
    fn parse(value: &Secret) -> Option<Self> {
        let (set, count) = value.expose().strip_prefix('@')?.split_at_checked(1)?;
        Some(Self { set: set.chars().next()?, count: count.parse().ok().filter(|count| *count <= 64)? })
    }

    fn write(self) -> Secret {
        Secret::new(format!("@{}{}", self.set, self.count))
    }

    fn accounts(self, account: &str) -> impl Iterator<Item = String> {
        (0..self.count).map(move |number| format!("{account}.{}{number}", self.set))
    }
}

pub(super) fn read(items: &dyn Items, account: &str) -> Result<Option<Secret>, VaultError> {
    let Some(value) = items.get(account)? else { return Ok(None) };
    let Some(head) = Head::parse(&value) else { return Ok(Some(value)) };
    let mut whole = Secret::new("");
    for piece in head.accounts(account) {
        let piece = items.get(&piece)?.ok_or(VaultError::Damaged)?;
        whole = Secret::new(format!("{}{}", whole.expose(), piece.expose()));
    }
    Ok(Some(whole))
}

pub(super) fn write(items: &dyn Items, account: &str, record: &Secret, limit: Option<usize>) -> Result<(), VaultError> {
    let Some(limit) = limit else { return items.set(account, record) };
    let old = items.get(account)?.as_ref().and_then(Head::parse);
    if record.expose().len() <= limit {
        items.set(account, record)?;
    } else {
        let pieces: Vec<Secret> = record.expose().as_bytes().chunks(limit).map(text).collect();
        let set = if old.is_some_and(|old| old.set == 'a') { 'b' } else { 'a' };
        let head = Head { set, count: pieces.len() };
        if Head::parse(&head.write()) != Some(head) {
            return Err(VaultError::Refused);
        }
        for (name, piece) in head.accounts(account).zip(&pieces) {
            items.set(&name, piece)?;
        }
        items.set(account, &head.write())?;
    }
    remove_pieces(items, account, old)
}

pub(super) fn delete(items: &dyn Items, account: &str) -> Result<(), VaultError> {
    // A locked or absent keychain says so here; an unreadable head has no pieces that could be found.
    let old = items.get(account)?.as_ref().and_then(Head::parse);
    items.remove(account)?;
    remove_pieces(items, account, old)
}

fn remove_pieces(items: &dyn Items, account: &str, head: Option<Head>) -> Result<(), VaultError> {
    head.into_iter().flat_map(|head| head.accounts(account)).try_for_each(|piece| items.remove(&piece))
}

/// Packed records are ASCII, so any cut is between characters.
fn text(bytes: &[u8]) -> Secret {
    Secret::new(String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Default)]
    struct Fake {
        items: RefCell<BTreeMap<String, String>>,
        changes_left: Cell<Option<usize>>,
    }

    impl Fake {
        fn change(&self) -> Result<(), VaultError> {
            match self.changes_left.get() {
                Some(0) => Err(VaultError::Locked),
                left => {
                    self.changes_left.set(left.map(|left| left - 1));
                    Ok(())
                }
            }
        }

        fn names(&self) -> Vec<String> {
            self.items.borrow().keys().cloned().collect()
        }
    }

    impl Items for Fake {
        fn get(&self, account: &str) -> Result<Option<Secret>, VaultError> {
            Ok(self.items.borrow().get(account).map(Secret::new))
        }
        fn set(&self, account: &str, value: &Secret) -> Result<(), VaultError> {
            self.change()?;
            assert!(value.expose().len() <= 8, "larger than an item may be");
            self.items.borrow_mut().insert(account.to_owned(), value.expose().to_owned());
            Ok(())
        }
        fn remove(&self, account: &str) -> Result<(), VaultError> {
            self.change()?;
            self.items.borrow_mut().remove(account);
            Ok(())
        }
    }

    fn get(items: &Fake) -> Option<String> {
        read(items, "x").unwrap().map(|value| value.expose().to_owned())
    }

    #[test]
    fn large_records_are_split_and_leave_nothing_behind() {
        let items = Fake::default();
        for record in ["short", "0123456789abcdefghij", "ABCDEFGHIJ", "0123456789abcdefghijk", "12345678", ""] {
            write(&items, "x", &Secret::new(record), Some(8)).unwrap();
            assert_eq!(get(&items).as_deref(), Some(record));
        }
        assert_eq!(items.names(), ["x"], "the pieces of before are gone");
        write(&items, "x", &Secret::new("0123456789"), Some(8)).unwrap();
        delete(&items, "x").unwrap();
        assert_eq!(items.names(), [""; 0], "deleted with all its pieces");
        assert_eq!(get(&items), None);
    }

    #[test]
    fn a_write_that_dies_anywhere_leaves_the_old_or_the_new_record() {
        let (old, new) = ("0123456789abcdefghij", "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        for changes in 0..8 {
            let items = Fake::default();
            write(&items, "x", &Secret::new(old), Some(8)).unwrap();
            items.changes_left.set(Some(changes));
            let written = write(&items, "x", &Secret::new(new), Some(8));
            let found = get(&items);
            assert!(found.as_deref() == Some(old) || found.as_deref() == Some(new), "{changes}: {found:?}");
            assert!(written.is_err() || found.as_deref() == Some(new), "{changes}: reported as written");
        }
    }

    #[test]
    fn a_missing_piece_is_damage() {
        let items = Fake::default();
        write(&items, "x", &Secret::new("0123456789"), Some(8)).unwrap();
        items.items.borrow_mut().remove("x.a1");
        assert_eq!(read(&items, "x").err(), Some(VaultError::Damaged));
    }
}
