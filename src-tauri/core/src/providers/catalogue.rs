//! The catalogue: the built-in file, and what the person dropped into `providers.d/`.
//!
//! A file that cannot be read or breaks a rule is left out with a notice that names it; the others still count.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::Provider;
use crate::http::is_this_machine;
use crate::ids::ProviderId;
use crate::words::{is_invisible, say_with};

/// No catalogue is larger.
const LARGEST: u64 = 1024 * 1024;
const BUILT_IN: &str = include_str!("../../catalog/providers.toml");

/// Why a catalogue file is left out.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is not TOML of the catalogue's shape. The parser's own error quotes the line, which is neither bounded nor
    /// anybody's business.
    #[error("line {line}: {reason}")]
    Shape {
        /// Where.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It is not a plain file, or larger than any catalogue.
    #[error("it is not a plain file of at most 1 MB")]
    NoCatalogue,
    /// It cannot be read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// An address would send credentials over an open network.
    #[error("{provider}: {address} is neither https nor on this machine")]
    Insecure {
        /// Whose address.
        provider: ProviderId,
        /// Its scheme and host.
        address: String,
    },
    /// An authorization code sign-in without a client id.
    #[error("{0}: the sign-in has no client_id")]
    NoClient(ProviderId),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    provider: Vec<Provider>,
}

/// All providers that are offered, in the order of the catalogue.
#[derive(Debug, Default)]
pub struct Catalogue {
    providers: Vec<Arc<Provider>>,
}

impl Catalogue {
    /// The built-in providers and those of `config_dir/providers.d`, with notices on files that were left out.
    pub fn load(config_dir: &Path, development: bool) -> (Self, Vec<String>) {
        let mut catalogue = Self::default();
        let mut notices = Vec::new();
        match parse(BUILT_IN) {
            Ok(providers) => catalogue.add(providers, development),
            Err(error) => notices.push(notice("providers.toml", &error)),
        }
        for path in files(&config_dir.join("providers.d")) {
            match read(&path).and_then(|text| parse(&text)) {
                Ok(providers) => catalogue.add(providers, development),
                Err(error) => notices.push(notice(&path.file_name().unwrap_or_default().to_string_lossy(), &error)),
            }
        }
        (catalogue, notices)
    }

    /// The provider of that name.
    pub fn get(&self, id: &ProviderId) -> Option<Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == *id).cloned()
    }

    /// All providers.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter()
    }

    fn add(&mut self, providers: Vec<Provider>, development: bool) {
        for provider in providers.into_iter().filter(|provider| development || !provider.development) {
            let provider = Arc::new(provider);
            match self.providers.iter_mut().find(|known| known.id == provider.id) {
                Some(known) => *known = provider,
                None => self.providers.push(provider),
            }
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    files.sort();
    files
}

/// A file's text. Only of a plain file of a size that a catalogue may have: a pipe or a device would never end.
fn read(path: &Path) -> Result<String, CatalogueError> {
    let about = fs::metadata(path)?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(CatalogueError::NoCatalogue);
    }
    Ok(fs::read_to_string(path)?)
}

fn notice(file: &str, error: &CatalogueError) -> String {
    say_with("pool-catalogue-file", &[("file", file), ("reason", error.to_string().trim_end())])
}

fn parse(text: &str) -> Result<Vec<Provider>, CatalogueError> {
    let file: File = toml::from_str(text).map_err(|error| shape(text, &error))?;
    for provider in &file.provider {
        check(provider)?;
    }
    Ok(file.provider)
}

fn shape(text: &str, error: &toml::de::Error) -> CatalogueError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let reason = error.message().chars().map(|it| if is_invisible(it) { ' ' } else { it }).take(200).collect();
    CatalogueError::Shape { line: before.matches('\n').count() + 1, reason }
}

fn check(provider: &Provider) -> Result<(), CatalogueError> {
    let mut addresses: Vec<&Url> = provider.base_url.iter().collect();
    if let Some(sign_in) = &provider.sign_in {
        addresses.extend([&sign_in.authorize_url, &sign_in.token_url]);
        addresses.extend(sign_in.revocation_url.iter().chain(&sign_in.userinfo_url));
        if sign_in.strategy == super::Strategy::AuthorizationCode && sign_in.client_id.is_none() {
            return Err(CatalogueError::NoClient(provider.id.clone()));
        }
    }
    match addresses.into_iter().find(|address| !is_safe(address)) {
        Some(address) => Err(CatalogueError::Insecure {
            provider: provider.id.clone(),
            address: format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default()),
        }),
        None => Ok(()),
    }
}

/// Whether a credential may be sent there: over TLS, or to this machine.
fn is_safe(address: &Url) -> bool {
    match address.scheme() {
        "https" => address.host().is_some(),
        "http" => is_this_machine(address),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(catalogue: &Catalogue) -> Vec<&str> {
        catalogue.iter().map(|provider| provider.id.as_str()).collect()
    }

    #[test]
    fn the_built_in_catalogue_reads_and_the_sandbox_is_for_development_only() {
        let folder = tempfile::tempdir().unwrap();
        let (catalogue, notices) = Catalogue::load(folder.path(), true);
        assert_eq!(notices, Vec::<String>::new());
        assert_eq!(ids(&catalogue), ["sandbox", "openrouter", "openai-compatible"]);
        let (catalogue, _) = Catalogue::load(folder.path(), false);
        assert_eq!(ids(&catalogue), ["openrouter", "openai-compatible"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_catalogue_is_left_out_at_once_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("providers.d");
        fs::create_dir(&files).unwrap();
        fs::create_dir(files.join("a-folder.toml")).unwrap();
        std::os::unix::fs::symlink("b-loop.toml", files.join("b-loop.toml")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", files.join("c-endless.toml")).unwrap();
        std::process::Command::new("mkfifo").arg(files.join("d-pipe.toml")).status().unwrap();
        fs::write(files.join("e-large.toml"), "#".repeat(10_000_000)).unwrap();
        fs::write(files.join("f-binary.toml"), [0xFF, 0xFE, 0]).unwrap();
        fs::write(files.join("g-wrong.toml"), format!("[[provider]]\nid = \"canary{}", "x".repeat(900_000))).unwrap();
        fs::write(files.join("h-type.toml"), "[[provider]]\nid = \"canary secret\"\n").unwrap();
        let (catalogue, notices) = Catalogue::load(folder.path(), false);
        assert_eq!(ids(&catalogue), ["openrouter", "openai-compatible"]);
        assert_eq!(notices.len(), 8, "{notices:?}");
        for notice in &notices {
            assert!(notice.len() < 400 && !notice.contains("canary"), "{notice}");
        }
        assert!(notices[6].contains("g-wrong.toml") && notices[6].contains("line 2"), "{}", notices[6]);
    }

    #[test]
    fn a_dropped_file_adds_and_replaces_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("providers.d");
        fs::create_dir(&files).unwrap();
        let entry = |id: &str, url: &str| {
            format!("[[provider]]\nid = \"{id}\"\nname = \"Mine\"\nwire = \"chat_completions\"\nbase_url = \"{url}\"\n")
        };
        fs::write(files.join("a.toml"), entry("openrouter", "http://localhost:1/v1")).unwrap();
        fs::write(files.join("b.toml"), entry("mine", "https://mine.example/v1")).unwrap();
        fs::write(files.join("open.toml"), entry("open", "http://mine.example/v1")).unwrap();
        fs::write(files.join("broken.toml"), "[[provider]").unwrap();
        fs::write(files.join("ignored.txt"), "not a catalogue").unwrap();
        let (catalogue, notices) = Catalogue::load(folder.path(), false);
        assert_eq!(ids(&catalogue), ["openrouter", "openai-compatible", "mine"]);
        let replaced = catalogue.get(&"openrouter".parse().unwrap()).unwrap();
        assert_eq!(replaced.name, "Mine");
        assert_eq!(notices.len(), 2, "{notices:?}");
        assert!(notices[0].contains("broken.toml"), "{notices:?}");
        assert!(notices[1].contains("open.toml"), "an open network is refused: {notices:?}");
    }
}
