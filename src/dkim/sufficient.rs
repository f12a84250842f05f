//! What a signature must be and cover before it is worth looking at (RFC 6376, 8.15; RFC 8301). Pure.
//!
//! A signature says that its domain sent these fields and this body, at some time, to somebody. Whoever holds the mail may
//! send it again and add what is not covered. So everything that gives the mail its meaning must be covered, or be absent:
//!
//! - From, Date, Subject and Message-ID: who, when, about what; and by its Message-ID a mail that is sent to us again is
//!   the duplicate that it is.
//! - Content-Type and Content-Transfer-Encoding: with another boundary or charset the same bytes say something else, such
//!   as what the signer had quoted.
//! - The whole body: no `l=`.
//! - To and Cc, where they are covered, must name the desk: a mail to somebody else that is sent on to us tells us
//!   nothing. Exchange Online covers neither; there the Date must do, which is why it must be recent.
//!
//! In-Reply-To and References need not be covered: they carry tokens, which are their own proof.

use chrono::{DateTime, TimeDelta, Utc};
use mail_auth::common::crypto::Algorithm;
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::{AuthenticatedMessage, Error};

use super::Signed;
use crate::domain::address::covers;
use crate::reading::DeskSide;
use crate::reading::authentication::aligned;
use crate::reading::header::Header;

/// Signatures of one mail that are verified.
const MOST: usize = 2;
/// Mails older than this are somebody's archive, sent again: servers give up after five days.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// Clocks differ.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// Fields that must be there and be covered.
const NEEDED: &[&str] = &["from", "date", "message-id"];
/// Fields that must be covered where they are there.
const COVERED: &[&str] = &["from", "date", "message-id", "subject", "content-type", "content-transfer-encoding"];

/// Leaves only the signatures that are worth verifying. `None` where none is by From's domain; the inner error says why
/// none of those suffices, and goes on after "its DKIM signature".
pub(super) fn keep(
    message: &mut AuthenticatedMessage<'_>,
    mail: &Signed,
    desk: &DeskSide,
    now: DateTime<Utc>,
) -> Option<Result<(), String>> {
    message.dkim_headers.retain(|header| aligned(&header.header.d, &mail.from_domain));
    if message.dkim_headers.is_empty() {
        // The library puts signatures with `l=` aside: anything may have been added below what they cover.
        let partial = message.errors.iter().filter(|e| e.header == Error::Dkim(DkimError::SignatureLength));
        let mut partial = partial.filter_map(|error| Signature::parse(error.value).ok());
        return partial
            .any(|signature| aligned(&signature.d, &mail.from_domain))
            .then(|| Err("does not cover the whole body".to_owned()));
    }
    let (header, body) = Header::split(message.raw_message);
    let signed_body = usize::try_from(message.body_offset).ok().and_then(|at| message.raw_message.get(at..));
    if signed_body != Some(body) {
        return Some(Err("does not count: where the mail's header ends can be read in two ways".to_owned()));
    }
    if let Err(cause) = soundness(message, &header, mail) {
        return Some(Err(cause));
    }
    let mut refused = None;
    message.dkim_headers.retain(|signed| match one(&signed.header, &header, desk, now) {
        Ok(()) => true,
        Err(cause) => {
            refused.get_or_insert(cause);
            false
        }
    });
    message.dkim_headers.truncate(MOST);
    for signed in &mut message.dkim_headers {
        // Reports and third-party signers are further questions to the DNS, and nothing that we would believe.
        signed.header.r = false;
        signed.header.atps = None;
    }
    Some(if message.dkim_headers.is_empty() { Err(refused.unwrap_or_default()) } else { Ok(()) })
}

/// The header must say the same to whoever verifies it and to whoever reads it.
fn soundness(message: &AuthenticatedMessage<'_>, header: &Header<'_>, mail: &Signed) -> Result<(), String> {
    for name in COVERED {
        let mut read = header.raws(name);
        let mut signed = message
            .headers
            .iter()
            .filter(|(field, _)| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| *value);
        match (read.next(), signed.next()) {
            (None, None) if !NEEDED.contains(name) => {}
            (None, None) => return Err(format!("does not count: the mail has no {name}")),
            (Some(read), Some(signed)) if read.trim_ascii() == signed.trim_ascii() => {}
            _ => return Err(format!("does not count: {name} can be read in two ways")),
        }
        if read.next().is_some() || signed.next().is_some() {
            return Err(format!("does not count: the mail has {name} twice"));
        }
    }
    let date = header.text("date", None).and_then(|text| DateTime::parse_from_rfc2822(&text).ok());
    let Some(date) = date.map(|date| date.to_utc()) else {
        return Err("does not count: the mail's Date cannot be read".to_owned());
    };
    if date < mail.received_at - OLDEST || date > mail.received_at + AHEAD {
        return Err("does not count: the mail's Date is not of these days, so it may have been sent again".to_owned());
    }
    Ok(())
}

/// Whether this signature covers what it must.
fn one(signature: &Signature, header: &Header<'_>, desk: &DeskSide, now: DateTime<Utc>) -> Result<(), String> {
    let covered = |name: &str| signature.h.iter().any(|field| field.trim().eq_ignore_ascii_case(name));
    if let Some(name) = COVERED.iter().find(|name| header.has(name) && !covered(name)) {
        return Err(format!("does not cover {name}"));
    }
    match signature.a {
        Algorithm::RsaSha256 | Algorithm::Ed25519Sha256 => {}
        Algorithm::RsaSha1 => return Err("uses SHA-1".to_owned()),
    }
    if signature.x != 0 && i64::try_from(signature.x).is_ok_and(|expires| expires <= now.timestamp()) {
        return Err("has expired".to_owned());
    }
    let addressees = ["to", "cc"].into_iter().filter(|name| covered(name)).flat_map(|name| header.addresses(name));
    let addressees: Vec<String> = addressees.map(|address| address.to_lowercase()).collect();
    if (covered("to") || covered("cc")) && !addressees.iter().any(|address| is_ours(address, desk)) {
        return Err("is of a mail to somebody else".to_owned());
    }
    Ok(())
}

/// An address of the desk, with or without a token, or of its side.
fn is_ours(address: &str, desk: &DeskSide) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let local = local.split_once('+').map_or(local, |(local, _)| local);
    desk.addresses.iter().any(|own| *own == format!("{local}@{domain}"))
        || desk.domains.iter().any(|own| covers(own, domain))
}

/// Whether a key record lets the key speak for mail. A domain that tests DKIM asks for its mail to be taken as unsigned,
/// and a key may be for another service alone, in whose hands it is.
pub(super) fn key(record: &str) -> Result<(), &'static str> {
    let tags =
        || record.split(';').filter_map(|tag| tag.split_once('=')).map(|(name, value)| (name.trim(), value.trim()));
    let values = |name: &'static str| {
        tags().filter(move |(tag, _)| *tag == name).flat_map(|(_, value)| value.split(':')).map(str::trim)
    };
    if tags().filter(|(tag, _)| *tag == "p").count() != 1 {
        return Err("has more than one key in the DNS");
    }
    if values("t").any(|flag| flag.eq_ignore_ascii_case("y")) {
        return Err("is one that its domain only tests");
    }
    let mut services = values("s").peekable();
    if services.peek().is_some() && !services.any(|service| service == "*" || service.eq_ignore_ascii_case("email")) {
        return Err("uses a key that is not for mail");
    }
    Ok(())
}
