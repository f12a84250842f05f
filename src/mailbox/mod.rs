//! Mailboxes that mail is taken from: IMAP and Maildir.
//!
//! A [`worker::Worker`] draws from a [`source::Source`] and writes into a [`ledger::Ledger`]; it knows neither the
//! protocol nor the store. What it holds to: nothing is lost, nothing is recorded twice, and the cursor passes a UID only
//! when the mail is recorded, proved absent, or written down as a gap that is tried again.
//!
//! `async-imap` prints every command through the `log` crate at trace level, LOGIN with its password among them: whoever
//! sets up logging caps the target `async_imap` at `info` ([`LOG_TARGET`]).

pub mod imap;
pub mod ledger;
pub mod maildir;
pub mod source;
pub mod status;
pub mod utf7;
pub mod worker;

pub use imap::{ImapOptions, ImapSource, Security};
pub use ledger::{Batch, Gap, Identity, Incoming, Ledger, LedgerError, MoveDue, Opening};
pub use maildir::{MaildirOptions, MaildirSource};
pub use source::{Fetched, Folders, MoveResult, Opened, Raw, Source, Trouble, TroubleKind, Woken};
pub use status::Status;
pub use worker::{Clock, Identify, Next, Worker};

/// The log target that must never be let through below `info`: its trace shows the LOGIN command.
pub const LOG_TARGET: &str = "async_imap";

/// Above this many bytes only the header of a mail is taken.
pub const WHOLE_MAIL_LIMIT: u64 = 4 * 1024 * 1024;

/// How much of a header is taken at most, in bytes.
pub const HEADER_LIMIT: usize = 256 * 1024;

/// The header of a mail with the blank line that ends it; all of it where no blank line does.
pub(crate) fn header_of(raw: &[u8]) -> &[u8] {
    let mut at = 0;
    for line in raw.split_inclusive(|b| *b == b'\n') {
        at += line.len();
        if line == b"\n" || line == b"\r\n" {
            break;
        }
    }
    raw.get(..at).unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_at_its_first_blank_line_of_either_kind() {
        assert_eq!(header_of(b"A: 1\r\n\r\nbody\r\n\r\n"), b"A: 1\r\n\r\n");
        assert_eq!(header_of(b"A: 1\nB: 2\n\nbody"), b"A: 1\nB: 2\n\n");
        assert_eq!(header_of(b"A: 1"), b"A: 1");
        assert_eq!(header_of(b""), b"");
    }
}
