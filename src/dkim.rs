//! Our own check of DKIM signatures: the second evidence of rule T7, for mails of which the desk's server says nothing.
//!
//! It asks the DNS, so it is done before the deciding transaction, bounded in time: a name server that does not answer
//! makes a mail unverified (a confirmation follows by rule T3), never forged, and never holds up the queue.

mod sufficient;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mail_auth::common::verify::VerifySignature as _;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{AuthenticatedMessage, DkimResult, DnsError, Error, MessageAuthenticator, Parameters};

use crate::reading::DeskSide;

/// One question to one name server.
const QUESTION: Duration = Duration::from_millis(1500);
/// All questions about one mail.
const WHOLE: Duration = Duration::from_secs(4);
/// Mails of which the DNS said nothing within [`LATELY`], after which it is not asked for a while: that is all the time
/// that somebody's slow name server, or none at all, takes from the queue.
const MOST_SILENCES: usize = 3;
const LATELY: TimeDelta = TimeDelta::minutes(5);

/// Where keys are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dns {
    /// The name servers of this machine.
    System,
    /// One name server, by UDP and TCP.
    At(SocketAddr),
}

/// What the signatures of From's own domain showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The domain of a signature that holds and that covers what it must.
    Aligned { domain: String },
    /// There are some, and none suffices; the cause goes on after "its DKIM signature".
    Insufficient { cause: String },
}

/// Checks signatures. Keeps keys for as long as the DNS lets it.
pub struct Checker {
    authenticator: MessageAuthenticator,
    /// Signers whose key the DNS did not give, and when.
    silences: Mutex<Vec<(DateTime<Utc>, String)>>,
}

/// A mail whose signatures are to be checked.
#[derive(Debug, Clone)]
pub struct Signed {
    /// As the server gave it.
    pub raw: Vec<u8>,
    /// From's domain.
    pub from_domain: String,
    pub received_at: DateTime<Utc>,
}

impl Checker {
    /// A checker that has asked nothing yet.
    ///
    /// # Errors
    /// The name servers of this machine are not known.
    pub fn new(dns: Dns) -> Result<Self, String> {
        let (config, mut options) = match dns {
            Dns::System => read_system_conf().map_err(|error| error.to_string())?,
            Dns::At(address) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = address.port();
                    connection
                });
                let server = NameServerConfig::new(address.ip(), true, connections.into());
                (ResolverConfig::from_parts(None, Vec::new(), vec![server]), ResolverOpts::default())
            }
        };
        options.timeout = QUESTION;
        options.attempts = 1;
        let authenticator = MessageAuthenticator::new(config, options).map_err(|error| error.to_string())?;
        Ok(Self { authenticator, silences: Mutex::default() })
    }

    /// What the mail's signatures show; `None` where none is by From's domain. Takes a few seconds at most.
    pub async fn check(self: &Arc<Self>, mail: Signed, desk: Arc<DeskSide>, now: DateTime<Utc>) -> Option<Finding> {
        let checker = Arc::clone(self);
        // Of its own: bytes that make the library panic end this check and nothing else.
        let task = tokio::spawn(async move { checker.check_here(&mail, &desk, now).await });
        task.await.unwrap_or_else(|_| Some(insufficient("could not be checked")))
    }

    async fn check_here(&self, mail: &Signed, desk: &DeskSide, now: DateTime<Utc>) -> Option<Finding> {
        let raw = with_line_ends(&mail.raw);
        let mut message = AuthenticatedMessage::parse(&raw)?;
        if let Err(cause) = sufficient::keep(&mut message, mail, desk, now)? {
            return Some(insufficient(&cause));
        }
        let signer = message.dkim_headers.first()?.header.d.to_lowercase();
        if self.is_silent(&signer, now) {
            return Some(insufficient("was not checked: the DNS has not answered lately"));
        }
        let verified = tokio::time::timeout(WHOLE, self.verify(&message)).await.unwrap_or(Err(Unverified::NoAnswer));
        Some(match verified {
            Ok(domain) => Finding::Aligned { domain },
            Err(Unverified::NoAnswer) => {
                self.silences.lock().unwrap_or_else(PoisonError::into_inner).push((now, signer));
                insufficient("was not checked: the DNS did not answer")
            }
            Err(Unverified::Fails(cause)) => insufficient(cause),
        })
    }

    /// The domain of the first signature that holds.
    async fn verify(&self, message: &AuthenticatedMessage<'_>) -> Result<String, Unverified> {
        let mut found = Unverified::Fails("does not verify");
        for output in self.authenticator.verify_dkim(Parameters::new(message)).await {
            match (output.result(), output.signature()) {
                (DkimResult::Pass, Some(signature)) => match self.key_allows(&signature.domain_key()).await {
                    Ok(()) => return Ok(signature.d.to_lowercase()),
                    Err(cause) => found = cause,
                },
                (DkimResult::TempError(_), _) => found = Unverified::NoAnswer,
                (DkimResult::PermError(Error::Dns(DnsError::RecordNotFound(code))), _) => {
                    found = match *code {
                        ResponseCode::NXDomain | ResponseCode::NoError => {
                            Unverified::Fails("names a key that the DNS does not have")
                        }
                        // Refused, or failed: that is no word about the key.
                        _ => Unverified::NoAnswer,
                    }
                }
                (
                    DkimResult::Pass
                    | DkimResult::Neutral(_)
                    | DkimResult::Fail(_)
                    | DkimResult::PermError(_)
                    | DkimResult::None,
                    _,
                ) => {}
            }
        }
        Err(found)
    }

    /// Whether the key's record lets it speak for mail, in earnest (RFC 6376, 3.6.1).
    async fn key_allows(&self, key: &str) -> Result<(), Unverified> {
        let record = self.authenticator.txt_raw_lookup(key).await.map_err(|_| Unverified::NoAnswer)?;
        sufficient::key(&String::from_utf8_lossy(&record)).map_err(Unverified::Fails)
    }

    /// Whether the DNS left too much unanswered lately, of this signer or in all.
    fn is_silent(&self, signer: &str, now: DateTime<Utc>) -> bool {
        let mut silences = self.silences.lock().unwrap_or_else(PoisonError::into_inner);
        silences.retain(|(at, _)| now - *at < LATELY);
        silences.len() >= MOST_SILENCES || silences.iter().any(|(_, silent)| silent == signer)
    }
}

/// Why no signature holds.
enum Unverified {
    NoAnswer,
    Fails(&'static str),
}

fn insufficient(cause: &str) -> Finding {
    Finding::Insufficient { cause: cause.to_owned() }
}

/// A mail travels with CRLF and is signed so; stores keep it with bare line feeds.
fn with_line_ends(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut last = 0u8;
    for byte in raw.iter().copied() {
        if byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(byte);
        last = byte;
    }
    out
}
