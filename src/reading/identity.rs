//! By what a mail is known when the server delivers it twice.

use sha2::{Digest, Sha256};

use super::header::{self, Header};
use crate::domain::address::EmailAddress;
use crate::domain::outcome::SUBJECT_LENGTH;
use crate::domain::quote::one_line;

/// What names a mail in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Without the angle brackets.
    pub message_id: Option<String>,
    /// SHA-256 over Message-ID, From, Date and body, in hexadecimal. The fields that servers add on the way are left
    /// out, and line ends are all alike, so both copies of one mail have one digest; another body under the same
    /// Message-ID is another mail (some shippers reuse theirs). Without a Message-ID, over the mail as it stands.
    pub digest: String,
}

/// Reads the identity of a raw mail. Total.
pub fn identity(raw: &[u8]) -> Identity {
    let raw = &*header::mend(raw);
    let (header, body) = Header::split(raw);
    let message_id = header.message_ids("message-id").into_iter().next();
    let mut hash = Sha256::new();
    if message_id.is_none() {
        // Nothing names it: two answers "OK" without Message-ID and Date would pass for one. Only the same bytes are the
        // same mail then.
        hash.update(trimmed(raw));
        return Identity { message_id, digest: data_encoding::HEXLOWER.encode(&hash.finalize()) };
    }
    for name in ["message-id", "from", "date"] {
        for value in header.raws(name) {
            hash.update(name);
            // Servers refold: blanks count as one.
            for word in value.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty()) {
                hash.update(b" ");
                hash.update(word);
            }
            hash.update(b"\n");
        }
    }
    hash.update(b"\n");
    for line in trimmed(body).split(|b| *b == b'\n') {
        hash.update(line.strip_suffix(b"\r").unwrap_or(line));
        hash.update(b"\n");
    }
    Identity { message_id, digest: data_encoding::HEXLOWER.encode(&hash.finalize()) }
}

/// Who wrote a mail and what about, from its header alone: enough for a list to name a mail that nobody has read.
pub fn writer_and_subject(raw: &[u8]) -> (Option<EmailAddress>, String) {
    let raw = &*header::mend(raw);
    let (header, _) = Header::split(raw);
    let from = header.sole_mailbox("from", None).and_then(|mailbox| EmailAddress::parse(&mailbox.address));
    (from, one_line(&header.text("subject", None).unwrap_or_default(), SUBJECT_LENGTH))
}

/// The body without the line ends at its end, which stores add and take away.
fn trimmed(body: &[u8]) -> &[u8] {
    let end = body.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |at| at + 1);
    body.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "Received: by a\r\nMessage-ID: <1@h.example>\r\nFrom: Kei <kei@h.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0900\r\n\r\none\r\ntwo\r\n";

    #[test]
    fn a_mail_delivered_twice_is_one_mail() {
        let again =
            MAIL.replace("Received: by a\r\n", "Delivered-To: x@y.example\r\nReceived: by b\r\nReceived: by a\r\n");
        assert_eq!(identity(MAIL.as_bytes()), identity(again.as_bytes()));
        assert_eq!(identity(MAIL.as_bytes()), identity(MAIL.replace("\r\n", "\n").as_bytes()), "line ends");
        assert_eq!(identity(MAIL.as_bytes()), identity(format!("{MAIL}\r\n").as_bytes()), "blank lines at the end");
        assert_eq!(identity(MAIL.as_bytes()).message_id.as_deref(), Some("1@h.example"));
    }

    #[test]
    fn the_same_message_id_with_another_body_writer_or_date_is_another_mail() {
        for (old, new) in [("two", "three"), ("kei@h", "jun@h"), ("10:00", "10:01"), ("<1@", "<2@")] {
            assert_ne!(identity(MAIL.as_bytes()).digest, identity(MAIL.replace(old, new).as_bytes()).digest, "{new}");
        }
    }

    #[test]
    fn a_mail_without_any_header_has_an_identity() {
        assert_eq!(identity(b"").message_id, None);
        assert_ne!(identity(b"").digest, identity(b"\n\nx").digest);
    }
}
