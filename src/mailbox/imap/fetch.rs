//! Listing and fetching: sizes first, bodies in bounded pieces, and a proof for whatever did not come.

use std::collections::BTreeMap;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, SectionPath};
use chrono::{DateTime, Utc};

use super::session::Link;
use crate::mailbox::source::{Fetched, Raw, Trouble, TroubleKind};
use crate::mailbox::{HEADER_LIMIT, WHOLE_MAIL_LIMIT, header_of};

/// Mails up to this are fetched many at a time, larger ones in pieces of this size.
const PIECE: usize = 256 * 1024;

/// What a batch holds at most, by the sizes that the server announced.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;

/// What the server says of a mail before we ask for it. A size it leaves out counts as large: in pieces, nothing has to
/// be believed.
#[derive(Debug, Clone, Copy, Default)]
struct Envelope {
    size: Option<u64>,
    internal_date: Option<DateTime<Utc>>,
}

impl Link {
    /// All UIDs above `cursor` that the inbox lists, ascending.
    pub(super) async fn uids_after(&mut self, cursor: u32) -> Result<Vec<u32>, Trouble> {
        let Some(first) = cursor.checked_add(1) else { return Ok(Vec::new()) };
        // Before the command: an EXISTS that comes along with the answer may or may not be in it.
        self.news = false;
        let mut uids = self.search(&format!("{first}:*")).await?;
        // `n:*` names the last mail even where it lies below n (RFC 3501, section 6.4.8).
        uids.retain(|uid| *uid > cursor);
        Ok(uids)
    }

    async fn search(&mut self, set: &str) -> Result<Vec<u32>, Trouble> {
        let mut uids = Vec::new();
        self.command("UID SEARCH", &format!("UID SEARCH UID {set}"), |response| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                uids.extend_from_slice(found);
            }
        })
        .await?
        .ok("UID SEARCH")?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Those of `uids` that the inbox still lists. NOOP first, so that the server may tell of expunged mails.
    pub(super) async fn still_listed(&mut self, uids: &[u32]) -> Result<Vec<u32>, Trouble> {
        self.command("NOOP", "NOOP", |_| {}).await?.ok("NOOP")?;
        let mut listed = self.search(&uid_set(uids)).await?;
        listed.retain(|uid| uids.contains(uid));
        Ok(listed)
    }

    /// As [`crate::mailbox::Source::fetch`].
    pub(super) async fn fetch(&mut self, uids: &[u32]) -> Result<Fetched, Trouble> {
        if uids.is_empty() {
            return Ok(Fetched::default());
        }
        let envelopes = self.envelopes(uids).await?;
        let mut fetched = Fetched::default();
        let (mut small, mut large, mut missing, mut total) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (at, uid) in uids.iter().enumerate() {
            let Some(envelope) = envelopes.get(uid) else {
                missing.push(*uid);
                continue;
            };
            let cost = match envelope.size {
                Some(size) if size <= WHOLE_MAIL_LIMIT => size,
                Some(_) => HEADER_LIMIT as u64,
                None => WHOLE_MAIL_LIMIT,
            };
            if total > 0 && total + cost > BATCH_BYTES {
                fetched.left = uids.get(at..).unwrap_or_default().to_vec();
                break;
            }
            total += cost;
            match envelope.size {
                Some(size) if size <= PIECE as u64 => small.push(*uid),
                _ => large.push((*uid, *envelope)),
            }
        }

        let mut bodies = self.small_bodies(&small).await?;
        for uid in small {
            let envelope = envelopes.get(&uid).copied().unwrap_or_default();
            match bodies.remove(&uid) {
                // An empty body for a mail that has a size is how some scanners hold a mail back.
                Some(bytes) if !bytes.is_empty() || envelope.size == Some(0) => fetched.mails.push(Raw {
                    uid,
                    internal_date: envelope.internal_date,
                    size: envelope.size.unwrap_or(0).max(bytes.len() as u64),
                    headers_only: false,
                    bytes,
                }),
                _ => missing.push(uid),
            }
        }
        for (uid, envelope) in large {
            match self.large_mail(uid, envelope).await? {
                Some(mail) => fetched.mails.push(mail),
                None => missing.push(uid),
            }
        }
        fetched.mails.sort_unstable_by_key(|mail| mail.uid);

        if !missing.is_empty() {
            fetched.withheld = self.still_listed(&missing).await?;
            missing.retain(|uid| !fetched.withheld.contains(uid));
            fetched.absent = missing;
        }
        Ok(fetched)
    }

    async fn envelopes(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Envelope>, Trouble> {
        let mut found = BTreeMap::new();
        let line = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", uid_set(uids));
        self.command("UID FETCH", &line, |response| {
            let Response::Fetch(_, values) = response else { return };
            let Some(uid) = uid_of(values).filter(|uid| uids.contains(uid)) else { return };
            let envelope: &mut Envelope = found.entry(uid).or_default();
            for value in values {
                match value {
                    AttributeValue::Rfc822Size(size) => envelope.size = Some(u64::from(*size)),
                    AttributeValue::InternalDate(date) => {
                        envelope.internal_date = DateTime::parse_from_str(date.trim(), "%d-%b-%Y %H:%M:%S %z")
                            .ok()
                            .map(|date| date.with_timezone(&Utc));
                    }
                    _ => {}
                }
            }
        })
        .await?
        .ok("UID FETCH")?;
        Ok(found)
    }

    async fn small_bodies(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Vec<u8>>, Trouble> {
        let mut bodies = BTreeMap::new();
        if uids.is_empty() {
            return Ok(bodies);
        }
        self.command("UID FETCH", &format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(uids)), |response| {
            if let Response::Fetch(_, values) = response
                && let Some(uid) = uid_of(values).filter(|uid| uids.contains(uid))
                && let Some((_, bytes)) = section(values, None)
            {
                bodies.insert(uid, bytes.to_vec());
            }
        })
        .await?
        .ok("UID FETCH")?;
        Ok(bodies)
    }

    /// A mail in pieces, or only its header where it is, or turns out to be, over the limit. `None`: not delivered.
    async fn large_mail(&mut self, uid: u32, envelope: Envelope) -> Result<Option<Raw>, Trouble> {
        let mail = |bytes: Vec<u8>, headers_only| Raw {
            uid,
            internal_date: envelope.internal_date,
            size: envelope.size.unwrap_or(0).max(bytes.len() as u64),
            headers_only,
            bytes,
        };
        if envelope.size.is_none_or(|size| size <= WHOLE_MAIL_LIMIT) {
            match self.in_pieces(uid, envelope.size).await? {
                Pieces::Whole(bytes) => return Ok(Some(mail(bytes, false))),
                Pieces::NotDelivered => return Ok(None),
                Pieces::TooLarge => {}
            }
        }
        let header = self.piece(uid, "HEADER", 0, HEADER_LIMIT).await?;
        Ok(header.map(|piece| header_of(&piece.bytes).to_vec()).filter(|h| !h.is_empty()).map(|h| mail(h, true)))
    }

    async fn in_pieces(&mut self, uid: u32, size: Option<u64>) -> Result<Pieces, Trouble> {
        let mut bytes = Vec::new();
        loop {
            let Some(piece) = self.piece(uid, "", bytes.len(), PIECE).await? else {
                return Ok(Pieces::NotDelivered);
            };
            if piece.at.is_some_and(|at| at as usize != bytes.len()) || (piece.at.is_none() && !bytes.is_empty()) {
                return Err(Trouble::new(TroubleKind::Protocol, "UID FETCH: another piece than asked for"));
            }
            bytes.extend_from_slice(&piece.bytes);
            if bytes.len() as u64 > WHOLE_MAIL_LIMIT {
                return Ok(Pieces::TooLarge);
            }
            // A server that knows no pieces sends the whole.
            if piece.bytes.len() < PIECE || piece.at.is_none() {
                break;
            }
        }
        // Nothing at all for a mail that has a size is a mail held back.
        let delivered = !bytes.is_empty() || size == Some(0);
        Ok(if delivered { Pieces::Whole(bytes) } else { Pieces::NotDelivered })
    }

    /// At most `length` bytes of a section from `at` on. `None`: no answer for this UID.
    pub(super) async fn piece(
        &mut self,
        uid: u32,
        wanted: &'static str,
        at: usize,
        length: usize,
    ) -> Result<Option<Piece>, Trouble> {
        let path = (!wanted.is_empty()).then_some(SectionPath::Full(MessageSection::Header));
        let mut found = None;
        self.command("UID FETCH", &format!("UID FETCH {uid} (UID BODY.PEEK[{wanted}]<{at}.{length}>)"), |response| {
            if let Response::Fetch(_, values) = response
                && uid_of(values) == Some(uid)
                && let Some((at, bytes)) = section(values, path.as_ref())
            {
                found = Some(Piece { at, bytes: bytes.to_vec() });
            }
        })
        .await?
        .ok("UID FETCH")?;
        Ok(found)
    }
}

/// A mail fetched in pieces.
enum Pieces {
    Whole(Vec<u8>),
    TooLarge,
    NotDelivered,
}

/// A piece of a section; `at` is its offset where the server names one.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) at: Option<u32>,
    pub(super) bytes: Vec<u8>,
}

fn uid_of(values: &[AttributeValue<'_>]) -> Option<u32> {
    values.iter().find_map(|value| match value {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

/// The bytes of a section with their offset. NIL is no bytes at all.
fn section<'a>(values: &'a [AttributeValue<'_>], wanted: Option<&SectionPath>) -> Option<(Option<u32>, &'a [u8])> {
    values.iter().find_map(|value| match value {
        AttributeValue::BodySection { section, index, data: Some(data) } if section.as_ref() == wanted => {
            Some((*index, data.as_ref()))
        }
        _ => None,
    })
}

/// UIDs as an IMAP set, runs as ranges. The UIDs must ascend.
pub(super) fn uid_set(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*uid) => *last = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    let runs: Vec<String> =
        runs.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}:{to}") }).collect();
    runs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_names_exactly_the_uids_given() {
        assert_eq!(uid_set(&[1, 2, 3, 5, 8, 9]), "1:3,5,8:9");
        assert_eq!(uid_set(&[7]), "7");
        assert_eq!(uid_set(&[u32::MAX - 1, u32::MAX]), format!("{}:{}", u32::MAX - 1, u32::MAX));
        assert_eq!(uid_set(&[]), "");
    }
}
