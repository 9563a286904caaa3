//! Proof Key for Code Exchange (RFC 7636), always with S256, and the random values of a sign-in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::SignInError;
use crate::vault::Secret;

/// The only method used; `plain` proves nothing.
pub(super) const METHOD: &str = "S256";

/// 256 random bits as 43 characters that need no escaping anywhere.
pub(super) fn random() -> Result<Secret, SignInError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *bytes).map_err(|_| SignInError::Randomness)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// What goes out in the authorization request in place of the verifier.
pub(super) fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "RFC 7636, appendix B");
    }

    #[test]
    fn random_values_are_long_unreserved_and_new() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_eq!(one.expose().len(), 43, "RFC 7636, 4.1 asks for 43 at least");
        assert!(one.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert!(!one.matches(&other));
    }
}
