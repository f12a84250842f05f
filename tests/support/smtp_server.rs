//! A real SMTP server for tests: aiosmtpd of Debian's package python3-aiosmtpd, unprivileged, on a free loopback port.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How the server wants to be talked to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    #[default]
    None,
    Implicit,
    StartTls,
}

/// What the server asks for.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    pub encryption: Encryption,
    /// User and password.
    pub login: Option<(&'static str, &'static str)>,
}

/// A letter as the server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
}

/// The server; it is killed when dropped.
pub struct SmtpServer {
    pub port: u16,
    folder: tempfile::TempDir,
    child: Child,
    certificate: Option<Vec<u8>>,
}

impl SmtpServer {
    /// A server that takes anything from anybody.
    pub fn start() -> Self {
        Self::start_with(&Wishes::default())
    }

    /// A server with wishes of its own; its certificate is for 127.0.0.1.
    pub fn start_with(wishes: &Wishes) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let letters = folder.path().join("letters");
        std::fs::create_dir(&letters).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp_server.py");
        // Debian's own: another python, first on the path, has not its packages.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(&letters);

        let option = match wishes.encryption {
            Encryption::None => None,
            Encryption::Implicit => Some("--tls"),
            Encryption::StartTls => Some("--starttls"),
        };
        let certificate = option.map(|option| {
            let (certificate, key, der) = own_certificate(folder.path());
            command.arg(option).arg(certificate).arg(key);
            der
        });
        if let Some((user, password)) = wishes.login {
            command.args(["--login", user, password]);
        }

        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the SMTP server did not start: is python3-aiosmtpd installed?")
        });
        Self { port, folder, child, certificate }
    }

    /// Where its certificate stands as PEM: to be trusted as its own authority.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Its certificate in DER form.
    pub fn certificate(&self) -> &[u8] {
        self.certificate.as_deref().unwrap()
    }

    /// What it took until now, in order.
    pub fn letters(&self) -> Vec<Letter> {
        let folder = self.folder.path().join("letters");
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths
            .iter()
            .map(|path| {
                let envelope = std::fs::read_to_string(path.with_extension("envelope")).unwrap();
                let mut addresses = envelope.lines().map(String::from);
                let from = addresses.next().unwrap();
                Letter { from, to: addresses.collect(), bytes: std::fs::read(path).unwrap() }
            })
            .collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Files of certificate and key, and the certificate in DER form. CA:FALSE: rustls refuses an authority's certificate as
/// a server's own.
fn own_certificate(folder: &Path) -> (PathBuf, PathBuf, Vec<u8>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.is_ca = rcgen::IsCa::ExplicitNoCa;
    let certificate = parameters.self_signed(&key).unwrap();
    let paths = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&paths.0, certificate.pem()).unwrap();
    std::fs::write(&paths.1, key.serialize_pem()).unwrap();
    (paths.0, paths.1, certificate.der().to_vec())
}
