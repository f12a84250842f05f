//! Where letters leave: SMTP and Maildir.

mod envelope;
mod maildir;
mod reply;
pub mod smtp;

pub use envelope::Envelope;
pub use maildir::MaildirSink;
pub use smtp::{Security, Smtp, SmtpOptions};

/// A way out for letters.
#[derive(Debug)]
pub enum Transport {
    /// A mail server.
    Smtp(Box<Smtp>),
    /// A folder: nothing leaves the machine.
    Maildir(MaildirSink),
}

impl Transport {
    /// Sends one letter, byte for byte, and says what became of it. Never fails otherwise: whatever goes wrong is an
    /// answer of its own. Takes at most a few times the configured timeout.
    pub async fn send(&mut self, envelope: &Envelope, bytes: &[u8]) -> Sent {
        match self {
            Self::Smtp(smtp) => smtp.send(envelope, bytes).await,
            Self::Maildir(sink) => sink.send(bytes).await,
        }
    }

    /// Takes leave of the server, where a session is open.
    pub async fn close(&mut self) {
        match self {
            Self::Smtp(smtp) => smtp.close().await,
            Self::Maildir(_) => {}
        }
    }
}

/// What became of a letter. Every `reply` is one line of at most 200 characters with its addresses masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The server took it over: it is delivered as far as we can know.
    Accepted { reply: String },
    /// 5xx for this recipient or this letter, in our own session (rule C2). It is not sent again.
    Rejected { reply: String },
    /// Not now: it is sent again, with the same Message-ID.
    Deferred {
        reply: String,
        /// The fault lies with connection, server or credentials: any other letter would fare the same, and the operator
        /// should know. `false`: the server answered 4xx to this letter.
        surroundings: bool,
    },
}

impl Sent {
    fn deferred(reply: &str) -> Self {
        Self::Deferred { reply: reply::shown(reply), surroundings: false }
    }

    fn surroundings(reply: &str) -> Self {
        Self::Deferred { reply: reply::shown(reply), surroundings: true }
    }
}
