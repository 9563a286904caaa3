//! How a record is written: JSON as base64url text, since some keychains keep nothing but text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{ApiKey, Credential, OAuthTokens, Secret, VaultError};
use crate::time::Timestamp;

/// The form of a stored credential as it is written; borrows, so that no copy outlives the write.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Written<'a> {
    #[serde(rename = "oauth")]
    OAuth {
        access_token: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        refresh_token: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        scope: Option<&'a str>,
    },
    ApiKey {
        key: &'a str,
    },
}

/// The same form as it is read. Members that a later version added are ignored.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Read {
    #[serde(rename = "oauth")]
    OAuth {
        access_token: Secret,
        refresh_token: Option<Secret>,
        expires_at: Option<Timestamp>,
        scope: Option<String>,
    },
    ApiKey {
        key: Secret,
    },
}

/// Text of any kind as a keychain keeps it.
pub(super) fn pack(content: &Secret) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(content.expose()))
}

/// The text that was packed.
pub(super) fn unpack(packed: &Secret) -> Result<Secret, VaultError> {
    let bytes = URL_SAFE_NO_PAD.decode(packed.expose().trim()).map(Zeroizing::new).map_err(|_| VaultError::Damaged)?;
    std::str::from_utf8(&bytes).map(Secret::new).map_err(|_| VaultError::Damaged)
}

/// A credential as a keychain keeps it.
pub(super) fn pack_credential(credential: &Credential) -> Result<Secret, VaultError> {
    let written = match credential {
        Credential::OAuth(tokens) => Written::OAuth {
            access_token: tokens.access_token.expose(),
            refresh_token: tokens.refresh_token.as_ref().map(Secret::expose),
            expires_at: tokens.expires_at,
            scope: tokens.scope.as_deref(),
        },
        Credential::ApiKey(ApiKey(key)) => Written::ApiKey { key: key.expose() },
    };
    let json = serde_json::to_string(&written).map(Secret::new).map_err(|_| VaultError::Damaged)?;
    Ok(pack(&json))
}

/// The credential that was packed.
pub(super) fn unpack_credential(packed: &Secret) -> Result<Credential, VaultError> {
    let json = unpack(packed)?;
    // The parser's own error may quote what it read, so only its being an error goes on.
    match serde_json::from_str(json.expose()).map_err(|_| VaultError::Damaged)? {
        Read::OAuth { access_token, refresh_token, expires_at, scope } => {
            Ok(Credential::OAuth(OAuthTokens { access_token, refresh_token, expires_at, scope }))
        }
        Read::ApiKey { key } => Ok(Credential::ApiKey(ApiKey(key))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(credential: &Credential) -> Result<Credential, VaultError> {
        unpack_credential(&pack_credential(credential)?)
    }

    #[test]
    fn tokens_come_back_as_they_went_in() -> Result<(), VaultError> {
        let tokens = OAuthTokens {
            access_token: Secret::new("access \"quoted\" ü"),
            refresh_token: Some(Secret::new("refresh")),
            expires_at: Some(Timestamp(1_700_000_000_000)),
            scope: Some("openid models".to_owned()),
        };
        let Credential::OAuth(back) = round_trip(&Credential::OAuth(tokens.clone()))? else { panic!("another kind") };
        assert_eq!(back.access_token.expose(), tokens.access_token.expose());
        assert_eq!(back.refresh_token.as_ref().map(Secret::expose), Some("refresh"));
        assert_eq!((back.expires_at, back.scope), (tokens.expires_at, tokens.scope));
        Ok(())
    }

    #[test]
    fn the_form_stays_what_earlier_versions_wrote() {
        let old = pack(&Secret::new(r#"{"kind":"oauth","access_token":"a","added_later":1}"#));
        assert!(
            matches!(unpack_credential(&old), Ok(Credential::OAuth(tokens)) if tokens.access_token.expose() == "a")
        );
        let old = pack(&Secret::new(r#"{"kind":"api_key","key":"k"}"#));
        assert!(matches!(unpack_credential(&old), Ok(Credential::ApiKey(ApiKey(key))) if key.expose() == "k"));
    }

    #[test]
    fn a_key_stays_a_key() -> Result<(), VaultError> {
        let Credential::ApiKey(ApiKey(key)) = round_trip(&Credential::ApiKey(ApiKey(Secret::new("sk-1"))))? else {
            panic!("a key became tokens")
        };
        assert_eq!(key.expose(), "sk-1");
        Ok(())
    }

    #[test]
    fn a_record_is_text_that_every_keychain_keeps() -> Result<(), VaultError> {
        let packed = pack_credential(&Credential::ApiKey(ApiKey(Secret::new("schlüssel\0\n"))))?;
        assert!(
            packed.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'),
            "only the base64url alphabet"
        );
        Ok(())
    }

    #[test]
    fn what_is_not_a_record_is_damaged_and_not_quoted() {
        for text in ["", "%%%", "bm90IGpzb24", "eyJraW5kIjoib3RoZXIifQ", "_w"] {
            let error = unpack_credential(&Secret::new(text)).err();
            assert_eq!(error, Some(VaultError::Damaged), "{text}");
        }
    }
}
