//! Header fields: splitting, unfolding, Message-IDs, one-line text.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::authentication::TraceField;
use super::charset::{self, Charset};
use super::{Mailbox, address_list, encoded_word};

/// Fields beyond these are not looked at: a header is not a body, and what counts stands at its top.
const MOST_FIELDS: usize = 1_000;
/// Bytes of the header block that are read. Exchange and list servers stay far below 256 KiB.
const MOST_BYTES: usize = 512 * 1024;
/// Characters that one decoded field keeps. A subject is cut here; an address list of this length is none.
const LONGEST_TEXT: usize = 16 * 1024;
/// Message-IDs kept of one mail.
const MOST_IDS: usize = 200;

/// The header block of a mail or of a part.
#[derive(Debug, Clone, Default)]
pub struct Header<'m> {
    fields: Vec<Field<'m>>,
}

/// One field with its raw value, still folded.
#[derive(Debug, Clone)]
struct Field<'m> {
    /// Lower case.
    name: String,
    raw: &'m [u8],
}

impl<'m> Header<'m> {
    /// Splits a mail into its header block and its body. Lines that are no field (mbox's `From `, junk) are passed over.
    pub fn split(mail: &'m [u8]) -> (Self, &'m [u8]) {
        let mut fields: Vec<Field<'m>> = Vec::new();
        let (mut offset, mut start) = (0usize, None::<(String, usize)>);
        let close = |start: &mut Option<(String, usize)>, end: usize, fields: &mut Vec<Field<'m>>| {
            if let Some((name, from)) = start.take()
                && fields.len() < MOST_FIELDS
            {
                fields.push(Field { name, raw: mail.get(from..end).unwrap_or_default() });
            }
        };
        loop {
            let rest = mail.get(offset..).unwrap_or_default();
            let length = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
            let line = rest.get(..length).unwrap_or_default();
            if line.trim_ascii_end().is_empty() && !matches!(line, [b' ' | b'\t', ..]) {
                close(&mut start, offset, &mut fields);
                return (Self { fields }, mail.get(offset + length..).unwrap_or_default());
            }
            let folded = matches!(line, [b' ' | b'\t', ..]);
            if !folded {
                close(&mut start, offset, &mut fields);
                if offset < MOST_BYTES
                    && let Some((name, value_at)) = name_of(line)
                {
                    start = Some((name, offset + value_at));
                }
            }
            offset += length;
        }
    }

    /// The first field of that name (given in lower case), raw.
    pub fn raw(&self, name: &str) -> Option<&'m [u8]> {
        self.raws(name).next()
    }

    /// All fields of that name, top to bottom.
    pub fn raws<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'m [u8]> + 'a {
        self.fields.iter().filter(move |f| f.name == name).map(|f| f.raw)
    }

    /// Whether there is a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The first field of that name on one line: decoded, without control characters, NFC.
    pub fn text(&self, name: &str, hint: Option<Charset>) -> Option<String> {
        self.raw(name).map(|raw| one_line(raw, hint))
    }

    /// Every field as `name: value` on one line, names in lower case: what rules look at.
    pub fn lines(&self) -> impl Iterator<Item = (&str, String)> + '_ {
        self.fields.iter().map(|f| (f.name.as_str(), one_line(f.raw, None)))
    }

    /// The mailboxes of all fields of that name.
    pub fn mailboxes(&self, name: &str, hint: Option<Charset>) -> Vec<Mailbox> {
        self.raws(name).flat_map(|raw| address_list::parse(&bounded(raw), hint).mailboxes).collect()
    }

    /// The sole mailbox of the sole field of that name; `None` where there are several, or something else beside it.
    pub fn sole_mailbox(&self, name: &str, hint: Option<Charset>) -> Option<Mailbox> {
        let mut raws = self.raws(name);
        let (raw, None) = (raws.next()?, raws.next()) else { return None };
        let list = address_list::parse(&bounded(raw), hint);
        let mut mailboxes = list.mailboxes.into_iter();
        match (mailboxes.next(), mailboxes.next()) {
            (Some(sole), None) if list.sound => Some(sole),
            _ => None,
        }
    }

    /// The addresses of all fields of these names, in the header's order.
    pub fn addresses_of(&self, names: &[&str]) -> Vec<String> {
        let fields = self.fields.iter().filter(|f| names.contains(&f.name.as_str()));
        fields.flat_map(|f| address_list::parse(&bounded(f.raw), None).mailboxes).map(|m| m.address).collect()
    }

    /// The addresses of all fields of that name, as the server wrote them.
    pub fn addresses(&self, name: &str) -> Vec<String> {
        self.mailboxes(name, None).into_iter().map(|m| m.address).collect()
    }

    /// Message-IDs of the first field of that name, without brackets.
    pub fn message_ids(&self, name: &str) -> Vec<String> {
        let text = self.raw(name).map(unfold_ascii).unwrap_or_default();
        let mut ids: Vec<String> = text
            .split('<')
            .skip(1)
            .filter_map(|piece| piece.split_once('>'))
            // Mailers fold long IDs in their middle.
            .map(|(id, _)| id.chars().filter(|c| !c.is_whitespace()).collect::<String>())
            .filter(|id| !id.is_empty() && id.len() < 1_000)
            .take(MOST_IDS)
            .collect();
        if ids.is_empty() {
            // No brackets: some gateways leave them out.
            ids = text
                .split_whitespace()
                .filter(|w| w.contains('@') && w.len() < 1_000)
                .take(MOST_IDS)
                .map(str::to_owned)
                .collect();
        }
        ids
    }

    /// What rule T7 judges by.
    pub fn trace(&self) -> Vec<TraceField> {
        self.fields
            .iter()
            .filter_map(|f| match f.name.as_str() {
                "received" => Some(TraceField::Received),
                "authentication-results" => Some(TraceField::AuthenticationResults(unfold_ascii(f.raw))),
                _ => None,
            })
            .collect()
    }
}

/// A mail without blank lines above its header, and with line ends where it has bare carriage returns only (old Macs,
/// some gateways).
pub fn mend(mail: &[u8]) -> Cow<'_, [u8]> {
    // Blank lines above the header would end it before it begins.
    let mail = mail.trim_ascii_start();
    if mail.contains(&b'\n') || !mail.contains(&b'\r') {
        return Cow::Borrowed(mail);
    }
    Cow::Owned(mail.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect())
}

/// The field's name in lower case and where its value begins; `None` where the line is no field.
fn name_of(line: &[u8]) -> Option<(String, usize)> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    // RFC 5322: printable ASCII without the colon. `From someone@… 10:00` of mbox has blanks.
    let sound = !name.is_empty() && name.len() <= 100 && name.iter().all(|b| b.is_ascii_graphic());
    sound.then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), colon + 1))
}

/// Unfolds: line ends vanish, the blank that follows them stays (RFC 5322, 2.2.3).
fn unfold(raw: &[u8]) -> Vec<u8> {
    raw.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect()
}

fn bounded(raw: &[u8]) -> Vec<u8> {
    unfold(raw.get(..raw.len().min(LONGEST_TEXT * 4)).unwrap_or_default())
}

/// Unfolded text of a field that is ASCII by its standard.
fn unfold_ascii(raw: &[u8]) -> String {
    String::from_utf8_lossy(&bounded(raw)).trim().to_owned()
}

/// A raw value on one line: charset, encoded words, no control characters, blanks folded, NFC.
pub fn one_line(raw: &[u8], hint: Option<Charset>) -> String {
    clean(&encoded_word::decode(&charset::decode(&bounded(raw), None, hint)))
}

/// Text on one line without control characters. Zero-width marks of direction vanish as well: they make a subject
/// read as what it is not.
pub fn clean(text: &str) -> String {
    let spaced: String = text
        .chars()
        .filter(
            |c| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'),
        )
        .map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' || c == '\u{A0}' { ' ' } else { c })
        .take(LONGEST_TEXT)
        .nfc()
        .collect();
    let mut out = String::with_capacity(spaced.len());
    // Ideographic blanks stay: they divide surname and name.
    for word in spaced.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Header<'_> {
        Header::split(text.as_bytes()).0
    }

    #[test]
    fn fields_are_split_unfolded_and_found_in_any_case() {
        let (header, body) = Header::split(b"SUBJECT: a\r\n b\r\nX-Y : z\r\n\r\nbody\r\n\r\nmore");
        assert_eq!(header.text("subject", None).as_deref(), Some("a b"));
        assert_eq!(header.text("x-y", None).as_deref(), Some("z"));
        assert_eq!(body, b"body\r\n\r\nmore");
    }

    #[test]
    fn an_mbox_line_and_junk_are_passed_over() {
        let header =
            header("From kei@haruka.example Tue Nov 24 10:00:00 2026\nnonsense without a colon\nSubject: x\n\n");
        assert_eq!(header.text("subject", None).as_deref(), Some("x"));
        assert!(!header.has("from"));
    }

    #[test]
    fn lines_that_end_in_bare_carriage_returns_are_lines() {
        let mail = mend(b"From: a@b.example\rSubject: x\r\rbody\r");
        let (header, body) = Header::split(&mail);
        assert_eq!(header.text("subject", None).as_deref(), Some("x"));
        assert_eq!(body, b"body\n");
        assert!(matches!(mend(b"a: b\r\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_subject_is_one_line_whatever_its_words_hold() {
        let word = data_encoding::BASE64.encode(b"a\r\nBcc: x\0y");
        assert_eq!(
            header(&format!("Subject: =?utf-8?B?{word}?=\n\n")).text("subject", None).as_deref(),
            Some("a Bcc: x y")
        );
    }

    #[test]
    fn a_raw_eight_bit_subject_is_read_by_its_bytes() {
        for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::UTF_8, encoding_rs::ISO_2022_JP] {
            let mut raw = b"Subject: ".to_vec();
            raw.extend(encoding.encode("登録のお願い").0.iter());
            raw.extend(b"\n\n");
            assert_eq!(
                Header::split(&raw).0.text("subject", None).as_deref(),
                Some("登録のお願い"),
                "{}",
                encoding.name()
            );
        }
    }

    #[test]
    fn two_from_fields_or_two_mailboxes_are_nobody() {
        for text in [
            "From: a@b.example\nFrom: c@d.example\n\n",
            "From: a@b.example, c@d.example\n\n",
            "From: undisclosed:;\n\n",
            "From: \n\n",
            "From: nobody\n\n",
            "To: a@b.example\n\n",
        ] {
            assert_eq!(header(text).sole_mailbox("from", None), None, "{text:?}");
        }
        let sole =
            header("From: =?utf-8?B?5qOuIOWcrQ==?=\n <kei@haruka.example>\n\n").sole_mailbox("from", None).unwrap();
        assert_eq!(sole, Mailbox { name: Some("森 圭".into()), address: "kei@haruka.example".into() });
    }

    #[test]
    fn message_ids_lose_their_brackets_and_the_fold_in_their_middle() {
        let header =
            header("References: <a@b.example>\n <c.\n d@e.example><f@g.example>\nMessage-ID: bare@h.example\n\n");
        assert_eq!(header.message_ids("references"), ["a@b.example", "c.d@e.example", "f@g.example"]);
        assert_eq!(header.message_ids("message-id"), ["bare@h.example"]);
    }
}
