//! `server = { … }`: a mail server, IMAP or SMTP, and whom we trust it to be.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::file::Checker;
use super::{Login, SecretSource, Server};
use crate::fault::Fault;
use crate::tls::{Security, Trust};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawServer {
    host: Spanned<String>,
    port: Option<u16>,
    #[serde(default = "tls")]
    security: Spanned<String>,
    user: Option<Spanned<String>>,
    password_file: Option<PathBuf>,
    password_command: Option<Vec<String>>,
    password_credential: Option<String>,
    ca_file: Option<PathBuf>,
    certificate_sha256: Option<Spanned<String>>,
}

fn tls() -> Spanned<String> {
    Spanned::new(0..0, "tls".to_owned())
}

impl Server {
    /// Reads the certificates by which the server will be known.
    ///
    /// # Errors
    /// A fault of the CA file, or of the operating system's certificates.
    pub fn check_trust(&self) -> Result<(), Fault> {
        match self.security {
            Security::Tls | Security::StartTls => crate::tls::client_config(&self.trust).map(|_| ()),
            Security::Plain => Ok(()),
        }
    }
}

/// What a server is used for: decides its usual ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerUse {
    Imap,
    Smtp,
}

impl RawServer {
    pub fn checked(self, check: &mut Checker<'_>, what_for: ServerUse) -> Option<Server> {
        let security = check.parsed(
            &self.security,
            |text| match text {
                "tls" => Some(Security::Tls),
                "starttls" => Some(Security::StartTls),
                "plain" => Some(Security::Plain),
                _ => None,
            },
            "kind of security",
            "Write \"tls\", \"starttls\" or, towards this machine alone, \"plain\".",
        )?;
        let host = self.host.as_ref().clone();
        if security == Security::Plain && !is_this_machine(&host) {
            check.fault(
                Some(self.security.span()),
                format!("{host} would be spoken to in the clear"),
                "Write \"tls\" or \"starttls\"; \"plain\" is for 127.0.0.1, ::1 and localhost.",
            );
            return None;
        }
        let login = self.login(check)?;
        let trust = self.trust(check)?;
        let port = self.port.unwrap_or(match (what_for, security) {
            (ServerUse::Imap, Security::Tls) => 993,
            (ServerUse::Imap, Security::StartTls | Security::Plain) => 143,
            (ServerUse::Smtp, Security::Tls) => 465,
            (ServerUse::Smtp, Security::StartTls) => 587,
            (ServerUse::Smtp, Security::Plain) => 25,
        });
        if what_for == ServerUse::Imap && login.is_none() {
            check.fault(
                Some(self.host.span()),
                "an IMAP server needs a user and a password",
                "Give `user` and one of `password_file`, `password_command`, `password_credential`.",
            );
            return None;
        }
        Some(Server { host, port, security, trust, login })
    }

    /// `Some(None)`: nobody logs in.
    fn login(&self, check: &mut Checker<'_>) -> Option<Option<Login>> {
        let sources: Vec<SecretSource> = [
            self.password_file.as_ref().map(|path| SecretSource::File(check.path(path))),
            self.password_command.clone().map(SecretSource::Command),
            self.password_credential.clone().map(SecretSource::Credential),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (&self.user, sources.as_slice()) {
            (None, []) => Some(None),
            (Some(user), [password]) => Some(Some(Login { user: user.as_ref().clone(), password: password.clone() })),
            (user, _) => {
                check.fault(
                    Some(user.as_ref().map_or_else(|| self.host.span(), Spanned::span)),
                    "`user` and its password do not go together",
                    "Give `user` and exactly one of `password_file`, `password_command`, `password_credential`.",
                );
                None
            }
        }
    }

    fn trust(&self, check: &mut Checker<'_>) -> Option<Trust> {
        match (&self.ca_file, &self.certificate_sha256) {
            (None, None) => Some(Trust::System),
            (Some(file), None) => Some(Trust::CaFile(check.path(file))),
            (None, Some(pin)) => check
                .parsed(
                    pin,
                    |text| crate::tls::parse_fingerprint(text).ok(),
                    "SHA-256 of a certificate",
                    "Copy it from `openssl x509 -in cert.pem -noout -fingerprint -sha256`.",
                )
                .map(Trust::PinnedSha256),
            (Some(_), Some(pin)) => {
                check.fault(
                    Some(pin.span()),
                    "both `ca_file` and `certificate_sha256` are given",
                    "Keep the one by which the server is to be known.",
                );
                None
            }
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
