//! The key that tokens are signed with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use crate::error::StartError;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A private key with its public half.
pub(super) struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    verifying: DecodingKey,
}

impl SigningKey {
    /// The key in the file, which is made if it is not there; a new one without a file.
    pub(super) fn kept_in(file: Option<&Path>) -> Result<Self, StartError> {
        let Some(path) = file else {
            return generate().and_then(|pem| Self::read(&pem)).map_err(StartError::IssuerKey);
        };
        let failed = |source| StartError::Data { path: path.to_owned(), source };
        let pem = match std::fs::read_to_string(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let pem = generate().map_err(StartError::IssuerKey)?;
                write(path, &pem).map_err(failed)?;
                pem
            }
            Err(error) => return Err(failed(error)),
        };
        let damaged = |source| StartError::IssuerKeyDamaged { path: path.to_owned(), source };
        Self::read(&pem).map_err(damaged)
    }

    fn read(pem: &str) -> Result<Self, BoxError> {
        let private = EncodingKey::from_rsa_pem(pem.as_bytes())?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256)?;
        public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256));
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let verifying = DecodingKey::from_jwk(&public)?;
        Ok(Self { private, public, verifying })
    }

    /// The name of the key.
    pub(super) fn id(&self) -> Option<&str> {
        self.public.common.key_id.as_deref()
    }

    pub(super) fn private(&self) -> &EncodingKey {
        &self.private
    }

    pub(super) fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }

    /// The JSON Web Key Set: what anybody checks tokens with.
    pub(super) fn public(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }
}

/// A new key, as PEM.
fn generate() -> Result<String, BoxError> {
    let key = KeyPair::generate(KeySize::Rsa2048)?;
    let der: Pkcs8V1Der<'_> = key.as_der()?;
    let text = BASE64.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}

/// Writes a file that nobody but its owner reads.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_kept_for_its_owner_and_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key.pem");

        let first = SigningKey::kept_in(Some(&file)).expect("a key");
        let again = SigningKey::kept_in(Some(&file)).expect("the same");

        assert!(first.id().is_some());
        assert_eq!(first.public(), again.public());
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_holds_no_key_is_named_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key.pem");
        std::fs::write(&file, "nothing").expect("written");

        let error = SigningKey::kept_in(Some(&file)).err().expect("no key");

        assert!(error.to_string().contains("key.pem"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "nothing");
    }
}
