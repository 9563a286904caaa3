//! The search for secrets where none may be: every byte of every file below a folder, in every form that a secret
//! commonly takes on its way.
//!
//! A database is searched as the bytes it is, together with its write-ahead log, so deleted rows are found too. The
//! folder of the keyring's own files is left out: that is where secrets belong (and they are encrypted there).

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::{Context, Result};

/// Shorter needles would be found by chance.
const SHORTEST: usize = 8;

/// A secret found where none may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// In which file.
    pub file: PathBuf,
    /// The first letters of the secret, enough to know which it was.
    pub secret: String,
    /// In which form.
    pub form: &'static str,
    /// At which byte.
    pub offset: usize,
}

/// What is searched for; all of it in one pass over a file.
pub struct Canary {
    needles: Vec<Needle>,
    /// None where there are more needles than it takes.
    automaton: Option<AhoCorasick>,
}

struct Needle {
    secret: String,
    form: &'static str,
    bytes: Vec<u8>,
}

impl Canary {
    /// A search for these secrets; those of fewer than eight letters are left out.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let long = secrets.into_iter().filter(|secret| secret.len() >= SHORTEST);
        let needles: Vec<Needle> = long.flat_map(|secret| forms(&secret)).collect();
        let automaton = AhoCorasick::new(needles.iter().map(|needle| &needle.bytes)).ok();
        Self { needles, automaton }
    }

    /// Every secret found in the files below these paths, the first place in each file.
    pub fn search(&self, paths: &[&Path]) -> Result<Vec<Hit>> {
        let mut hits = Vec::new();
        for path in paths {
            self.walk(path, &mut hits)?;
        }
        Ok(hits)
    }

    fn walk(&self, path: &Path, hits: &mut Vec<Hit>) -> Result<()> {
        let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
        if metadata.is_dir() {
            if path.file_name().is_some_and(|name| name == "keyrings") {
                return Ok(());
            }
            for entry in fs::read_dir(path).with_context(|| format!("{}", path.display()))? {
                let entry = entry?.path();
                if let Some(name) = entry.file_name() {
                    self.in_bytes(&entry, name.as_encoded_bytes(), hits);
                }
                self.walk(&entry, hits)?;
            }
        } else if metadata.is_file() {
            match fs::read(path) {
                Ok(bytes) => self.in_bytes(path, &bytes, hits),
                // A file may vanish between listing and reading.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("{}", path.display())),
            }
        }
        Ok(())
    }

    /// The same for bytes that are no file, such as what a webview was sent.
    pub fn in_bytes(&self, origin: &Path, bytes: &[u8], hits: &mut Vec<Hit>) {
        let Some(automaton) = &self.automaton else {
            // Not searched must not look like nothing found.
            hits.push(Hit { file: origin.to_owned(), secret: String::new(), form: "too many to search", offset: 0 });
            return;
        };
        let mut seen = HashSet::new();
        for found in automaton.find_overlapping_iter(bytes) {
            if !seen.insert(found.pattern()) {
                continue;
            }
            if let Some(needle) = self.needles.get(found.pattern().as_usize()) {
                let secret = needle.secret.chars().take(20).collect::<String>() + "…";
                hits.push(Hit { file: origin.to_owned(), secret, form: needle.form, offset: found.start() });
            }
        }
    }
}

fn forms(secret: &str) -> Vec<Needle> {
    let wide = |order: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let reversed: String = secret.chars().rev().collect();
    let mut forms = vec![
        ("as it is", secret.as_bytes().to_vec()),
        ("UTF-16 LE", wide(u16::to_le_bytes)),
        ("UTF-16 BE", wide(u16::to_be_bytes)),
        ("hex", hex.clone().into_bytes()),
        ("HEX", hex.to_uppercase().into_bytes()),
        ("reversed", reversed.into_bytes()),
    ];
    if encoded != secret {
        forms.push(("URL-encoded", encoded.into_bytes()));
    }
    // Base64 depends on where in its surroundings the secret begins: three ways, without the letters at the edges
    // that the surroundings change.
    for (lead, form) in [(0, "base64"), (1, "base64, one byte in"), (2, "base64, two bytes in")] {
        let mut shifted = vec![0; lead];
        shifted.extend_from_slice(secret.as_bytes());
        for encoded in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            let whole = shifted.len() / 3 * 4;
            let inner = encoded.get(if lead == 0 { 0 } else { 4 }..whole).unwrap_or_default();
            if inner.len() >= SHORTEST {
                forms.push((form, inner.as_bytes().to_vec()));
            }
        }
    }
    forms.sort_by(|left, right| left.1.cmp(&right.1));
    forms.dedup_by(|left, right| left.1 == right.1);
    forms.into_iter().map(|(form, bytes)| Needle { secret: secret.to_owned(), form, bytes }).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::Canary;

    const SECRET: &str = "sandbox-access-Zx_9-q";

    #[test]
    fn every_form_is_found_and_nothing_else() {
        let canary = Canary::new([SECRET.to_owned()]);
        let found = |bytes: &[u8]| {
            let mut hits = Vec::new();
            canary.in_bytes(Path::new("here"), bytes, &mut hits);
            !hits.is_empty()
        };
        let wide: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(found(format!("token={SECRET};").as_bytes()), "as it is");
        assert!(found(&wide), "UTF-16");
        for lead in ["", "a", "ab", "abc"] {
            assert!(found(STANDARD.encode(format!("{lead}{SECRET}tail")).as_bytes()), "base64 after {lead:?}");
            assert!(
                found(URL_SAFE_NO_PAD.encode(format!("{lead}{SECRET}tail")).as_bytes()),
                "base64url after {lead:?}"
            );
        }
        assert!(!found(b"sandbox-access-Zx_9-Q and nothing else"), "a near miss is none");
        assert!(!found(b""), "nothing is nothing");
    }

    #[test]
    fn files_are_searched_and_the_keyring_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("data/keyrings")).unwrap();
        std::fs::write(folder.path().join("data/keyrings/login.keyring"), SECRET).unwrap();
        let canary = Canary::new([SECRET.to_owned()]);
        assert_eq!(canary.search(&[folder.path()]).unwrap(), [], "the keyring's files are not searched");
        std::fs::write(folder.path().join("data/chats.db-wal"), format!("\0\0{SECRET}")).unwrap();
        let hits = canary.search(&[folder.path()]).unwrap();
        assert_eq!(hits.len(), 1, "the leak is found: {hits:?}");
        assert_eq!(hits[0].offset, 2, "and its place");
    }
}
