//! The mail that is made of a rendered letter: headers and body, byte for byte what leaves.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::RenderError;
use super::carriers::Carriers;
use crate::domain::letter::{Letter, Thread};
use crate::domain::policy::Desk;
use crate::domain::quote::{one_line, repeated};

/// The header that marks a mail of ours, so that it is recognised when it comes back. No secret stands in it.
pub const DESK_HEADER: &str = "X-Ringi-Desk";
/// The header that says which letter a mail of ours is.
pub const LETTER_HEADER: &str = "X-Ringi-Letter";

/// What Exchange is asked not to answer: reports of delivery and reading, out-of-office notes and other automatic replies.
/// Not "All", which would also suppress the reports of failed delivery that rule C2 needs.
const SUPPRESSED: &str = "DR, RN, NRN, OOF, AutoReply";

/// The longest name beside an address, in characters.
const LONGEST_NAME: usize = 80;
/// The longest foreign Message-ID that fits a header line (RFC 5322, section 2.1.1: 998 octets).
const LONGEST_MESSAGE_ID: usize = 900;

/// The finished parts of a mail, their lines ended by LF.
pub(super) struct Parts {
    pub text: String,
    pub html: Option<String>,
}

/// Builds the mail. The subject is finished: one line.
pub(super) fn build(
    desk: &Desk,
    letter: &Letter,
    carriers: &Carriers,
    subject: &str,
    parts: Parts,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, RenderError> {
    let from = address(desk.address.as_str());
    let to = address(letter.to.as_str());
    // Given by itself, so that no header has to be read back to find out where the mail goes.
    let envelope = Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(unbuildable)?;
    let to_name = letter.to_name.as_deref().map(|name| repeated(name, false));
    let answered = letter.thread.as_ref().and_then(answered_message_id);
    let mut mail = Message::builder()
        .envelope(envelope)
        .from(mailbox(Some(desk.signature.of(letter.language)), from))
        .to(mailbox(to_name.as_deref(), to))
        .subject(subject)
        .date(date(now))
        .message_id(Some(format!("<{}>", carriers.message_id)));
    if let Some(reply_to) = &carriers.reply_to {
        mail = mail.reply_to(mailbox(None, address(reply_to)));
    }
    if let Some(id) = answered {
        mail = mail.in_reply_to(id.clone()).references(id);
    }
    // RFC 3834, section 5.2.
    let auto_submitted = if letter.thread.is_some() { "auto-replied" } else { "auto-generated" };
    let marks = [
        (HeaderName::new_from_ascii_str("Auto-Submitted"), auto_submitted.to_owned()),
        (HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), SUPPRESSED.to_owned()),
        (HeaderName::new_from_ascii_str(DESK_HEADER), one_line(&desk.name, LONGEST_NAME)),
        (HeaderName::new_from_ascii_str(LETTER_HEADER), letter.body.name().to_owned()),
    ];
    for (name, value) in marks {
        mail = mail.raw_header(HeaderValue::new(name, value));
    }
    // lettre ends a part's last line itself.
    let text = SinglePart::plain(parts.text.trim_end_matches('\n').to_owned());
    let mail = match parts.html {
        None => mail.singlepart(text),
        // The text comes first: of alternatives a reader takes the last that it can show (RFC 2046, section 5.1.4).
        Some(html) => {
            let html = SinglePart::html(html.trim_end_matches('\n').to_owned());
            let alternatives = MultiPart::alternative().boundary(boundary(&carriers.message_id));
            mail.multipart(alternatives.singlepart(text).singlepart(html))
        }
    };
    Ok(mail.map_err(unbuildable)?.formatted())
}

/// What stands between the parts. It comes from the Message-ID, so that the same letter is the same mail, and nobody who
/// writes to the desk can foresee it.
fn boundary(message_id: &str) -> String {
    let hash = Sha256::new().chain_update(b"boundary ").chain_update(message_id).finalize();
    let hash = data_encoding::HEXLOWER.encode(hash.get(..16).unwrap_or_default());
    format!("=_{hash}")
}

fn unbuildable(error: lettre::error::Error) -> RenderError {
    RenderError::Unbuildable(error.to_string())
}

/// An address of ours in lettre's terms. It never fails: [`crate::domain::address::EmailAddress`] refuses what could smuggle
/// a header or a second recipient, and what a server does not like comes back from that server.
fn address(text: &str) -> Address {
    let (local, domain) = text.rsplit_once('@').unwrap_or((text, ""));
    Address::new(local, domain)
        // Addresses like "a..b.@" are no dot-atoms, and exist: a Japanese mobile carrier gave them out.
        .or_else(|_| Address::new(format!("\"{local}\""), domain))
        .unwrap_or_else(|_| Address::new_dangerous(local, domain))
}

/// lettre panics on a name with CR or LF.
fn mailbox(name: Option<&str>, address: Address) -> Mailbox {
    let name = name.map(|name| one_line(name, LONGEST_NAME)).filter(|name| !name.is_empty());
    Mailbox::new(name, address)
}

/// The header of a mail has whole seconds; lettre's clock panics before 1970 and after 9999.
fn date(now: DateTime<Utc>) -> SystemTime {
    const LAST: u64 = 253_402_300_799;
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default().min(LAST);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// `<id>` of the mail that is answered, where it is one that a header can carry.
fn answered_message_id(thread: &Thread) -> Option<String> {
    let id = thread.message_id.as_deref()?.trim().trim_start_matches('<').trim_end_matches('>');
    let sound = !id.is_empty() && id.len() <= LONGEST_MESSAGE_ID && id.bytes().all(|b| b.is_ascii_graphic());
    (sound && !id.contains(['<', '>'])).then(|| format!("<{id}>"))
}
