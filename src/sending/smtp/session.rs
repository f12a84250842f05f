//! One SMTP session: opened, logged in, and led through one letter after the other.

use std::error::Error as _;
use std::future::Future;
use std::time::{Duration, Instant};

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::{TcpStream, lookup_host};

use super::stream::Wire;
use super::{Security, Smtp};
use crate::domain::address::EmailAddress;
use crate::sending::envelope::{Envelope, path};
use crate::sending::{Sent, reply};

/// After the last dot the server may scan, sign and sync: RFC 5321 section 4.5.3.2 gives it longest. Giving up too early
/// sends the letter twice.
const PATIENCE_AFTER_THE_LETTER: u32 = 5;

/// An open session between two letters.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    used_at: Instant,
    timeout: Duration,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("used_at", &self.used_at).finish_non_exhaustive()
    }
}

/// How far one letter came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// MAIL: the server judges us.
    Sender,
    /// RCPT: the server judges the recipient.
    Recipient,
    /// DATA and the letter itself.
    Letter,
}

/// What one letter came to.
pub(super) struct Course {
    pub(super) sent: Sent,
    /// The session is between two letters again and may carry the next one.
    pub(super) usable: bool,
    /// The server had left before anything of the letter reached it: a new session may try at once.
    pub(super) stale: bool,
}

/// A step that brought no reply, or a negative one.
struct Failure {
    /// The reply code; `None` where there was no reply.
    code: Option<u16>,
    text: String,
}

impl Failure {
    fn without_reply(text: impl Into<String>) -> Self {
        Self { code: None, text: text.into() }
    }

    /// 5xx.
    fn is_permanent(&self) -> bool {
        matches!(self.code, Some(500..=599))
    }

    /// 421: the server closes the session.
    fn ends_the_session(&self) -> bool {
        matches!(self.code, None | Some(421))
    }
}

impl From<SmtpError> for Failure {
    fn from(error: SmtpError) -> Self {
        let code = error.status().map(u16::from);
        let cause = error.source().map(ToString::to_string);
        let text = match (code, cause) {
            (Some(code), cause) => format!("{code} {}", cause.unwrap_or_default()),
            (None, Some(cause)) => cause,
            (None, None) => error.to_string(),
        };
        Self { code, text }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::without_reply(error.to_string())
    }
}

/// Waits for a step, and no longer than `limit`.
async fn within<T, E: Into<Failure>>(
    limit: Duration,
    what: &str,
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Failure::without_reply(format!("no answer {what} within {limit:?}"))),
    }
}

impl Session {
    /// Connects, encrypts and logs in. Whatever goes wrong here is a fault of the surroundings and says nothing about any
    /// recipient: the error is the text for the operator.
    pub(super) async fn open(smtp: &Smtp) -> Result<Self, String> {
        let options = &smtp.options;
        let at = || format!("{}:{}", options.host, options.port);
        let failed = |step: &str, failure: Failure| format!("{step} {}: {}", at(), failure.text);
        let limit = options.timeout;

        let tcp = connect(smtp).await.map_err(|failure| failed("connecting to", failure))?;
        let hello = match (&options.hello_name, tcp.local_addr()) {
            (Some(name), _) => ClientId::Domain(name.clone()),
            (None, Ok(std::net::SocketAddr::V4(own))) => ClientId::Ipv4(*own.ip()),
            (None, Ok(std::net::SocketAddr::V6(own))) => ClientId::Ipv6(*own.ip()),
            (None, Err(_)) => ClientId::default(),
        };
        let wire = match (options.security, &smtp.tls) {
            (Security::Tls, Some(tls)) => {
                within(limit, "to the TLS handshake", Wire::tls(tcp, &options.host, tls.clone())).await
            }
            (Security::StartTls, Some(tls)) => {
                within(limit, "to STARTTLS", Wire::starttls(tcp, &options.host, tls.clone(), &hello)).await
            }
            (Security::Plain, _) => Wire::plain(tcp).map_err(Failure::from),
            (Security::Tls | Security::StartTls, None) => Err(Failure::without_reply("no TLS configuration")),
        }
        .map_err(|failure| failed("securing the connection to", failure))?;

        let opening = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let connection =
            within(limit, "to the greeting", opening).await.map_err(|failure| failed("greeting", failure))?;
        let mut session = Self { connection, used_at: Instant::now(), timeout: limit };
        if let (Some(user), Some(password)) = (&options.user, &options.password) {
            let secret = password.fetch().await?;
            let credentials = Credentials::new(user.clone(), secret.expose().to_owned());
            let login = session.connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            let response = within(limit, "to the login", login).await.map_err(|failure| failed("login at", failure))?;
            if !response.has_code(235) {
                return Err(failed("login at", Failure::without_reply(line_of(&response))));
            }
        }
        Ok(session)
    }

    /// How long nothing was sent.
    pub(super) fn idle(&self) -> Duration {
        self.used_at.elapsed()
    }

    /// Leads one letter through the session.
    pub(super) async fn letter(&mut self, envelope: &Envelope, bytes: &[u8]) -> Course {
        let parameters = match self.parameters(envelope, bytes) {
            Ok(parameters) => parameters,
            Err(sent) => return Course { sent, usable: true, stale: false },
        };
        let mut stage = Stage::Sender;
        let result = self.dialogue(&mut stage, envelope, parameters, bytes).await;
        self.used_at = Instant::now();
        match result {
            Ok(response) => {
                let reply = reply::shown(&line_of(&response));
                Course { sent: Sent::Accepted { reply }, usable: !self.connection.has_broken(), stale: false }
            }
            Err(failure) => Course {
                sent: judged(stage, &failure, &envelope.to),
                usable: !failure.ends_the_session() && self.reset(stage).await,
                stale: stage == Stage::Sender && failure.ends_the_session(),
            },
        }
    }

    async fn dialogue(
        &mut self,
        stage: &mut Stage,
        envelope: &Envelope,
        parameters: Vec<MailParameter>,
        bytes: &[u8],
    ) -> Result<Response, Failure> {
        let limit = self.timeout;
        let connection = &mut self.connection;
        let sender = connection.command(Mail::new(Some(path(&envelope.from)), parameters));
        positive(within(limit, "to MAIL", sender).await?)?;

        *stage = Stage::Recipient;
        let recipient = connection.command(Rcpt::new(path(&envelope.to), Vec::new()));
        positive(within(limit, "to RCPT", recipient).await?)?;

        *stage = Stage::Letter;
        let response = within(limit, "to DATA", connection.command(Data)).await?;
        if !response.has_code(354) {
            return Err(Failure::without_reply(format!("DATA was answered by {}", line_of(&response))));
        }
        // The library writes CRLF before the dot: with the letter's own it would arrive one empty line longer.
        let text = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let patience = limit.saturating_mul(PATIENCE_AFTER_THE_LETTER);
        positive(within(patience, "to the letter", connection.message(text)).await?)
    }

    /// The parameters of MAIL that the letter needs (RFC 6152, RFC 6531), or why it cannot leave here.
    fn parameters(&self, envelope: &Envelope, bytes: &[u8]) -> Result<Vec<MailParameter>, Sent> {
        let server = self.connection.server_info();
        let mut parameters = Vec::new();
        if !envelope.from.as_str().is_ascii() || !envelope.to.as_str().is_ascii() {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                let reply = "the server takes no addresses beyond ASCII (it does not offer SMTPUTF8)";
                return Err(Sent::Rejected { reply: reply.to_owned() });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() {
            if !server.supports_feature(Extension::EightBitMime) {
                return Err(Sent::surroundings("the server takes no 8-bit letters (it does not offer 8BITMIME)"));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    /// Brings the session back between two letters after a refusal. A server that refused us as a sender is left.
    async fn reset(&mut self, stage: Stage) -> bool {
        match stage {
            Stage::Sender => false,
            Stage::Recipient | Stage::Letter => {
                within(self.timeout, "to RSET", self.connection.command(Rset)).await.is_ok()
            }
        }
    }

    /// Takes leave; whether the server answers does not matter.
    pub(super) async fn quit(mut self) {
        let _ = within(self.timeout.min(Duration::from_secs(2)), "to QUIT", self.connection.command(Quit)).await;
    }
}

/// Dials the addresses of the host in turn. Only what really is on this machine may be talked to in the clear.
async fn connect(smtp: &Smtp) -> Result<TcpStream, Failure> {
    let options = &smtp.options;
    let limit = options.timeout;
    let addresses = within(limit, "of the resolver", lookup_host((options.host.as_str(), options.port))).await?;
    let mut last = Failure::without_reply("the host has no address");
    for address in addresses {
        if options.security == Security::Plain && !address.ip().is_loopback() {
            last =
                Failure::without_reply("is not this machine, and nothing leaves it unencrypted: use tls or starttls");
            continue;
        }
        match within(limit, "to the connection", TcpStream::connect(address)).await {
            Ok(tcp) => {
                // With Nagle's algorithm each letter waits for a delayed acknowledgement: 23 letters a second.
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

/// 2xx. The library takes 3xx for success as well; after it nobody knows where the session stands.
fn positive(response: Response) -> Result<Response, Failure> {
    if matches!(u16::from(response.code()), 200..=299) {
        Ok(response)
    } else {
        Err(Failure::without_reply(format!("an answer out of place: {}", line_of(&response))))
    }
}

fn line_of(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), text.join(" "))
}

/// What a negative reply, or none, says about the letter.
fn judged(stage: Stage, failure: &Failure, to: &EmailAddress) -> Sent {
    let about_us = match stage {
        // Whoever refuses the desk's address or its login refuses every letter.
        Stage::Sender => true,
        Stage::Recipient => is_about_us(failure, to),
        Stage::Letter => false,
    };
    if failure.code.is_none() || (about_us && failure.is_permanent()) || failure.ends_the_session() {
        Sent::surroundings(&failure.text)
    } else if failure.is_permanent() {
        Sent::Rejected { reply: reply::shown(&failure.text) }
    } else {
        Sent::deferred(&failure.text)
    }
}

/// A 5xx to RCPT that says nothing about the recipient: commands out of order or unknown, a login wanted (RFC 4954), or a
/// server that does not relay for us. Taken for a rejection, one lost permission would make every administrator
/// unreachable. Servers repeat the recipient, which anybody may choose: `relay@…` must not stop all letters.
fn is_about_us(failure: &Failure, to: &EmailAddress) -> bool {
    let to = to.as_str().to_lowercase();
    let (local, domain) = to.rsplit_once('@').unwrap_or((&to, ""));
    let text = failure.text.to_lowercase();
    let text = [to.as_str(), domain, local]
        .iter()
        .filter(|part| part.contains("relay"))
        .fold(text, |text, part| text.replace(part, "…"));
    matches!(failure.code, Some(500 | 502 | 503 | 504 | 530 | 534 | 535 | 538)) || text.contains("relay")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: u16, text: &str) -> Failure {
        Failure { code: Some(code), text: format!("{code} {text}") }
    }

    fn to(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn an_address_that_spells_relay_stops_only_its_own_letter() {
        for (address, text) in [
            ("relay@nowhere.example", "5.1.1 <Relay@nowhere.example>: Recipient address rejected: no such user"),
            ("x@relay.nowhere.example", "5.1.2 <x@relay.nowhere.example>: Domain not found"),
            ("x@relay.nowhere.example", "5.1.2 host relay.nowhere.example unknown"),
        ] {
            let sent = judged(Stage::Recipient, &failure(550, text), &to(address));
            assert!(matches!(sent, Sent::Rejected { .. }), "{text}");
            let denied = failure(554, &format!("5.7.1 <{address}>: Relay access denied"));
            let sent = judged(Stage::Recipient, &denied, &to(address));
            assert!(
                matches!(sent, Sent::Deferred { surroundings: true, .. }) || address.starts_with("relay@"),
                "{text}"
            );
        }
    }

    #[test]
    fn c2_only_a_5xx_for_the_recipient_or_the_letter_is_a_rejection() {
        let rejected = |stage, code, text| {
            matches!(judged(stage, &failure(code, text), &to("kei@haruka.example")), Sent::Rejected { .. })
        };
        assert!(rejected(Stage::Recipient, 550, "5.1.1 no such user"));
        assert!(rejected(Stage::Letter, 554, "5.7.1 looks like spam"));
        assert!(!rejected(Stage::Sender, 550, "5.7.1 sender not yours"));
        assert!(!rejected(Stage::Recipient, 450, "4.2.1 try later"));
        assert!(!rejected(Stage::Recipient, 530, "5.7.0 authentication required"));
        assert!(!rejected(Stage::Recipient, 554, "5.7.1 <k@x.example>: Relay access denied"));
    }

    #[test]
    fn no_reply_at_all_and_421_are_faults_of_the_surroundings() {
        for stage in [Stage::Sender, Stage::Recipient, Stage::Letter] {
            for failure in [Failure::without_reply("broken pipe"), failure(421, "closing")] {
                assert!(matches!(
                    judged(stage, &failure, &to("kei@haruka.example")),
                    Sent::Deferred { surroundings: true, .. }
                ));
            }
            assert!(matches!(
                judged(stage, &failure(451, "later"), &to("kei@haruka.example")),
                Sent::Deferred { surroundings: false, .. }
            ));
        }
    }
}
