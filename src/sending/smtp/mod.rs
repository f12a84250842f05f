//! SMTP: one kept session to the configured server.

mod session;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::ClientConfig;

use self::session::Session;
use super::{Envelope, Sent};
use crate::fault::Fault;
use crate::secret::Password;
use crate::tls::Trust;

/// A session that carried nothing for this long is left: servers drop idle ones, and some do so without a word.
const IDLE: Duration = Duration::from_secs(60);

pub use crate::tls::Security;

/// Where and how letters are handed over.
#[derive(Debug, Clone)]
pub struct SmtpOptions {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// With `password`: the login (AUTH PLAIN or LOGIN). `None`: no login.
    pub user: Option<String>,
    /// Fetched anew at each login.
    pub password: Option<Password>,
    pub trust: Trust,
    /// The name in EHLO; `None`: the address of this end of the connection.
    pub hello_name: Option<String>,
    /// How long each step may take; the server's word on a whole letter five times as long.
    pub timeout: Duration,
}

/// A way to an SMTP server, which keeps its session over many letters.
#[derive(Debug)]
pub struct Smtp {
    options: SmtpOptions,
    /// `None` where nothing is encrypted.
    tls: Option<Arc<ClientConfig>>,
    session: Option<Session>,
}

impl Smtp {
    /// Makes ready; connects with the first letter only.
    ///
    /// # Errors
    /// Options that contradict each other or could break a command, or a certificate file that cannot be read.
    pub fn new(options: SmtpOptions) -> Result<Self, Fault> {
        if options.user.is_some() != options.password.is_some() {
            return Err(Fault::new(
                "SMTP has a user without a password, or a password without a user",
                "Give both, or neither where the server asks for no login.",
            ));
        }
        if let Some(name) = &options.hello_name
            && (name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b)))
        {
            return Err(Fault::new(
                format!("{name:?} is no host name"),
                "Write the full name of this machine, such as desk.example.com, or leave hello_name out.",
            ));
        }
        let tls = match options.security {
            Security::Tls | Security::StartTls => Some(crate::tls::client_config(&options.trust)?),
            Security::Plain => None,
        };
        Ok(Self { options, tls, session: None })
    }

    /// Sends one letter over the kept session, or a new one.
    pub async fn send(&mut self, envelope: &Envelope, bytes: &[u8]) -> Sent {
        if !has_sound_lines(bytes) {
            return Sent::deferred("the letter holds a bare CR or LF: it is not sent");
        }
        // Taken out: where this call is dropped half-way, the session goes with it, for nobody knows where it stood.
        let kept = self.session.take().filter(|session| session.idle() < IDLE);
        if let Some(mut session) = kept {
            let course = session.letter(envelope, bytes).await;
            if !course.stale {
                self.keep(session, course.usable);
                return course.sent;
            }
            tracing::debug!("the server had left the kept session");
        }
        match Session::open(self).await {
            Ok(mut session) => {
                let course = session.letter(envelope, bytes).await;
                self.keep(session, course.usable);
                course.sent
            }
            Err(reply) => Sent::surroundings(&reply),
        }
    }

    fn keep(&mut self, session: Session, usable: bool) {
        self.session = usable.then_some(session);
    }

    /// Takes leave of the server.
    pub async fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
    }
}

/// Whether every line ends with CRLF. A bare LF before a dot is the end of the letter to some servers and none to others:
/// what follows would be a second mail in our name.
fn has_sound_lines(bytes: &[u8]) -> bool {
    let mut before = 0u8;
    for byte in bytes {
        if (*byte == b'\n') != (before == b'\r') {
            return false;
        }
        before = *byte;
    }
    before != b'\r'
}

#[cfg(test)]
mod tests {
    use super::has_sound_lines;

    #[test]
    fn a_bare_cr_or_lf_is_seen() {
        assert!(has_sound_lines(b"") && has_sound_lines(b"a\r\n\r\nb") && has_sound_lines(b"\r\n"));
        for bytes in [b"a\nb".as_slice(), b"\n", b"a\r", b"a\rb", b"a\r\r\n", b"a\r\n.\n"] {
            assert!(!has_sound_lines(bytes), "{bytes:?}");
        }
    }
}
