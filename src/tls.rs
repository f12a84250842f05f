//! Encrypted connections: whom we trust, for IMAP and SMTP alike.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use crate::fault::Fault;

/// Whose word we take that a server is the one it says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The certificate authorities that the operating system trusts.
    System,
    /// Only the certificate authorities of this PEM file.
    CaFile(PathBuf),
    /// Exactly the server certificate with this SHA-256 over its DER form, whatever its name, issuer and dates.
    /// For self-signed certificates: most are made with `CA:TRUE`, and such a one is refused as a server's own
    /// certificate (`CaUsedAsEndEntity`) even where it stands in the CA file.
    PinnedSha256([u8; 32]),
}

/// The client side of TLS 1.2 and 1.3 by this trust. Cheap to share; make it once.
///
/// The crypto provider is named here and never taken from the process: with two providers in the dependency tree the
/// default is a panic.
///
/// # Errors
/// The file cannot be read or holds no usable certificate, or the operating system has no certificates.
pub fn client_config(trust: &Trust) -> Result<Arc<ClientConfig>, Fault> {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| {
            Fault::new(
                format!("TLS cannot be set up: {e}"),
                "Report this: the program was built without usable ciphers.",
            )
        })?;
    let config = match trust {
        Trust::System => versions.with_root_certificates(system_roots()?).with_no_client_auth(),
        Trust::CaFile(path) => versions.with_root_certificates(roots_of(path)?).with_no_client_auth(),
        Trust::PinnedSha256(pin) => versions
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { pin: *pin, provider }))
            .with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

/// SHA-256 over a certificate in DER form: what [`Trust::PinnedSha256`] compares.
pub fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// Reads a fingerprint as `openssl x509 -fingerprint -sha256` prints it (`AB:CD:…`), or as 64 plain hexadecimal digits.
///
/// # Errors
/// The text is not 32 bytes of hexadecimal.
pub fn parse_fingerprint(text: &str) -> Result<[u8; 32], Fault> {
    let digits: String = text.chars().filter(|c| *c != ':' && !c.is_whitespace()).collect();
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap_or_default();
    <[u8; 32]>::try_from(bytes).map_err(|_| {
        Fault::new(
            format!("\"{text}\" is not the SHA-256 fingerprint of a certificate"),
            "Give the 64 hexadecimal digits that `openssl x509 -noout -fingerprint -sha256 -in FILE` prints.",
        )
    })
}

fn system_roots() -> Result<RootCertStore, Fault> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let why = found.errors.first().map(|e| format!(": {e}")).unwrap_or_default();
        return Err(Fault::new(
            format!("the operating system has no trusted certificate authorities{why}"),
            "Install them (Debian: ca-certificates), or name a CA file or a fingerprint for this server.",
        ));
    }
    Ok(roots)
}

fn roots_of(path: &Path) -> Result<RootCertStore, Fault> {
    let remedy = "Give a PEM file with the certificate of the authority that signed the server's.";
    let fault = |what: String| Fault::new(what, remedy).in_file(path);
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| fault(format!("cannot be read: {e}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|e| fault(format!("is no proper PEM file: {e}")))?;
        roots.add(certificate).map_err(|e| fault(format!("holds a certificate that cannot be used: {e}")))?;
    }
    if roots.is_empty() {
        return Err(fault("holds no certificate".to_owned()));
    }
    Ok(roots)
}

/// Accepts one certificate. The certificate is public, so whoever shows it must also sign with its key: the handshake
/// signatures are checked as ever.
#[derive(Debug)]
struct Pinned {
    pin: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if fingerprint(end_entity) == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    fn certificate() -> CertifiedKey<KeyPair> {
        generate_simple_self_signed(vec!["mail.example".to_owned()]).unwrap()
    }

    /// A handshake in memory: the server shows `shown` and signs with `key`.
    async fn handshake(trust: &Trust, shown: &CertifiedKey<KeyPair>, name: &'static str) -> Result<(), String> {
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![shown.cert.der().clone()],
                PrivateKeyDer::try_from(shown.signing_key.serialize_der()).unwrap(),
            )
            .unwrap();
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        let connector = TlsConnector::from(client_config(trust).unwrap());
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let (client, _server) =
            tokio::join!(connector.connect(ServerName::try_from(name).unwrap(), ours), acceptor.accept(theirs));
        client.map(|_| ()).map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn a_pinned_certificate_is_accepted_under_any_name_and_no_other_certificate_is() {
        let (ours, other) = (certificate(), certificate());
        let trust = Trust::PinnedSha256(fingerprint(ours.cert.der()));
        assert_eq!(handshake(&trust, &ours, "elsewhere.example").await, Ok(()));
        assert!(handshake(&trust, &other, "mail.example").await.is_err());
    }

    #[tokio::test]
    async fn a_ca_file_is_the_only_authority_and_the_name_must_match() {
        let (ours, other) = (certificate(), certificate());
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, ours.cert.pem()).unwrap();
        let trust = Trust::CaFile(file);
        assert_eq!(handshake(&trust, &ours, "mail.example").await, Ok(()));
        assert!(handshake(&trust, &ours, "elsewhere.example").await.is_err());
        assert!(handshake(&trust, &other, "mail.example").await.is_err());
    }

    #[test]
    fn a_pinned_certificate_still_has_to_sign_the_handshake() {
        let pinned = Pinned { pin: [0; 32], provider: Arc::new(ring::default_provider()) };
        assert!(!pinned.supported_verify_schemes().is_empty());
        let shown = certificate();
        // A signature that is well formed as a structure and made by nobody: scheme 0x0403 (ECDSA P-256), four bytes.
        let dss = {
            use tokio_rustls::rustls::internal::msgs::codec::{Codec, Reader};
            DigitallySignedStruct::read(&mut Reader::init(&[0x04, 0x03, 0, 4, 1, 2, 3, 4])).unwrap()
        };
        assert!(pinned.verify_tls13_signature(b"handshake", shown.cert.der(), &dss).is_err());
        assert!(pinned.verify_tls12_signature(b"handshake", shown.cert.der(), &dss).is_err());
    }

    #[test]
    fn a_ca_file_without_certificate_is_a_fault_that_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let empty = dir.path().join("empty.pem");
        std::fs::write(&empty, "nothing\n").unwrap();
        for file in [empty, dir.path().join("absent.pem")] {
            let fault = client_config(&Trust::CaFile(file.clone())).unwrap_err();
            assert_eq!(fault.file, Some(file));
        }
    }

    #[test]
    fn a_fingerprint_reads_with_and_without_colons_and_nothing_else_does() {
        let plain = "00ff".repeat(16);
        let colons = vec!["00:FF"; 16].join(":");
        assert_eq!(parse_fingerprint(&plain).unwrap(), parse_fingerprint(&colons).unwrap());
        assert!(parse_fingerprint("00ff").is_err());
        assert!(parse_fingerprint(&plain.replace('f', "g")).is_err());
    }
}
