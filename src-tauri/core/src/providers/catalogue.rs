//! The catalogue: the built-in file, and what the person dropped into `providers.d/`.
//!
//! A file that cannot be read or breaks a rule is left out with a notice that names it; the others still count.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::{AuthHeader, Provider};
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
    /// A header that no request can have.
    #[error("{provider}: {header:?} is no header, or its value is not one")]
    Header {
        /// Whose header.
        provider: ProviderId,
        /// Its name.
        header: String,
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
    if let Some(address) = addresses.into_iter().find(|address| !is_safe(address)) {
        let address = format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default());
        return Err(CatalogueError::Insecure { provider: provider.id.clone(), address });
    }
    match broken_header(provider) {
        Some(header) => Err(CatalogueError::Header { provider: provider.id.clone(), header: header.clone() }),
        None => Ok(()),
    }
}

fn broken_header(provider: &Provider) -> Option<&String> {
    let is_name = |name: &String| HeaderName::try_from(name).is_ok();
    let key_header = match &provider.auth {
        AuthHeader::Bearer => None,
        AuthHeader::Header(name) => Some(name).filter(|name| !is_name(name)),
    };
    let is_broken = |name: &String, value: &String| !is_name(name) || HeaderValue::try_from(value).is_err();
    let broken = provider.headers.iter().find(|(name, value)| is_broken(name, value));
    key_header.or(broken.map(|(name, _)| name))
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
mod tests;
