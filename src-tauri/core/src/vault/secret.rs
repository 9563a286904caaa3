//! Text that must not be seen: no Display, no Serialize, no `PartialEq`, and a Debug that says nothing.
//!
//! It can be read in (a key that the person pasted arrives this way) and is wiped when dropped. Whoever needs the text
//! calls [`Secret::expose`], so that every place where a secret leaves its type can be found by that name.

use std::fmt;

use serde::Deserialize;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Text that must not be seen.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text in; it is wiped when the last clone is dropped.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for the one place that has to send or store it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the other is the same, in a time that tells nothing of where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Fails to compile if the type implements the trait: the two blanket implementations then both apply.
macro_rules! assert_not_implemented {
    ($type:ty: $($trait:path),+) => {
        $(const _: fn() = || {
            trait Ambiguous<Marker> {
                fn check() {}
            }
            struct Implemented;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $trait> Ambiguous<Implemented> for T {}
            let _ = <$type as Ambiguous<_>>::check;
        };)+
    };
}
pub(super) use assert_not_implemented;

assert_not_implemented!(Secret: serde::Serialize, fmt::Display, PartialEq, ts_rs::TS, AsRef<str>, std::ops::Deref);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_says_nothing() {
        let secret = Secret::new("canary-token");
        assert_eq!(format!("{secret:?}"), "Secret(…)", "the content or its length would show");
        assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(…),\n)", "nor inside of another type");
    }

    #[test]
    fn it_reads_from_json_and_compares() -> Result<(), serde_json::Error> {
        let secret: Secret = serde_json::from_str("\"canary\"")?;
        assert!(secret.matches(&Secret::new("canary")), "the same text");
        assert!(!secret.matches(&Secret::new("Canary")), "another text of the same length");
        assert!(!secret.matches(&Secret::new("canary ")), "another length");
        assert!(!secret.matches(&Secret::new("")), "nothing");
        Ok(())
    }
}
