//! Address lists of RFC 5322, read without trusting that they are any.

use super::Mailbox;
use super::charset::{self, Charset};
use super::{encoded_word, header};
use crate::domain::address::EmailAddress;

/// Mailboxes kept of one field.
const MOST_MAILBOXES: usize = 500;

/// What a field named.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct List {
    pub mailboxes: Vec<Mailbox>,
    /// Nothing in the field was left over: no empty group, no broken entry. Only then does a sole mailbox stand for the
    /// field as a whole.
    pub sound: bool,
}

/// A piece of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// An atom, an encoded word, a lone special.
    Plain(String),
    Quoted(String),
    Angle(String),
    Comma,
    GroupStart,
    GroupEnd,
    Blank,
}

/// Reads an unfolded field. Names are decoded after the list is taken apart, so nothing inside an encoded word can be
/// taken for an address.
pub fn parse(raw: &[u8], hint: Option<Charset>) -> List {
    let text = charset::decode(raw, None, hint);
    let mut list = List { sound: true, ..List::default() };
    let mut entry = Vec::new();
    for piece in pieces(&text) {
        match piece {
            Piece::Comma => close(&mut entry, &mut list, false),
            Piece::GroupStart => {
                entry.clear();
                list.sound = false;
            }
            Piece::GroupEnd => close(&mut entry, &mut list, false),
            piece => entry.push(piece),
        }
    }
    close(&mut entry, &mut list, true);
    list
}

/// Turns the pieces of one entry into a mailbox.
fn close(entry: &mut Vec<Piece>, list: &mut List, last: bool) {
    let pieces: Vec<Piece> = std::mem::take(entry);
    if pieces.iter().all(|p| *p == Piece::Blank) {
        // A trailing comma is common and harmless.
        if last && list.mailboxes.is_empty() {
            list.sound = false;
        }
        return;
    }
    let angles: Vec<&String> =
        pieces.iter().filter_map(|p| if let Piece::Angle(a) = p { Some(a) } else { None }).collect();
    let mailbox = match angles.as_slice() {
        [] => bare(&pieces),
        [angle] => address(angle).map(|address| Mailbox { name: name(&pieces), address }),
        // Two addresses in one entry: which of them wrote is anybody's guess.
        _ => None,
    };
    match mailbox {
        Some(mailbox) if list.mailboxes.len() < MOST_MAILBOXES => list.mailboxes.push(mailbox),
        _ => list.sound = false,
    }
}

/// An entry without angle brackets: `a@b.example` and nothing else but a comment.
fn bare(pieces: &[Piece]) -> Option<Mailbox> {
    let text: String = pieces
        .iter()
        .map(|p| match p {
            Piece::Plain(text) => text.clone(),
            Piece::Quoted(text) => format!("\"{text}\""),
            Piece::Blank => " ".to_owned(),
            Piece::Angle(_) | Piece::Comma | Piece::GroupStart | Piece::GroupEnd => String::new(),
        })
        .collect();
    address(text.trim()).map(|address| Mailbox { name: None, address })
}

/// The address in brackets, of sound shape. A source route goes; a quoted local part that needs no quotes loses them
/// (old mobile addresses such as `"a..b."@…`).
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let text = if text.starts_with('@') { text.rsplit_once(':').map_or(text, |(_, a)| a) } else { text };
    let unquoted =
        text.strip_prefix('"').and_then(|t| t.split_once("\"@")).map(|(local, domain)| format!("{local}@{domain}"));
    let address = EmailAddress::parse(unquoted.as_deref().unwrap_or(text))?;
    Some(address.as_str().to_owned())
}

/// The display name: atoms and quoted strings before the address, decoded.
fn name(pieces: &[Piece]) -> Option<String> {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Plain(text) | Piece::Quoted(text) => out.push_str(text),
            Piece::Blank => out.push(' '),
            Piece::Angle(_) | Piece::Comma | Piece::GroupStart | Piece::GroupEnd => {}
        }
    }
    let name = header::clean(&encoded_word::decode(&out));
    let name = name.trim_matches(|c| matches!(c, '"' | '\'')).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Takes a field apart. Comments go.
fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let piece = match c {
            '=' if let Some(word) = encoded_word::at_start(rest) => {
                plain.push_str(word);
                rest = rest.get(word.len()..).unwrap_or_default();
                continue;
            }
            '"' => {
                let (quoted, remains) = delimited(after, '"');
                rest = remains;
                Piece::Quoted(quoted)
            }
            '<' => {
                let (angle, remains) = delimited(after, '>');
                rest = remains;
                Piece::Angle(angle)
            }
            '(' => {
                rest = comment(after);
                Piece::Blank
            }
            ',' | ';' | ':' => {
                rest = after;
                match c {
                    ',' => Piece::Comma,
                    ';' => Piece::GroupEnd,
                    _ => Piece::GroupStart,
                }
            }
            c if c.is_whitespace() => {
                rest = after;
                Piece::Blank
            }
            c => {
                plain.push(c);
                rest = after;
                continue;
            }
        };
        if !plain.is_empty() {
            out.push(Piece::Plain(std::mem::take(&mut plain)));
        }
        out.push(piece);
    }
    if !plain.is_empty() {
        out.push(Piece::Plain(plain));
    }
    out
}

/// Reads up to the closing character, backslashes undone; what is not closed reaches to the end.
fn delimited(text: &str, end: char) -> (String, &str) {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == end {
            return (out, text.get(at + c.len_utf8()..).unwrap_or_default());
        }
        if c == '\\' {
            out.extend(chars.next().map(|(_, c)| c));
        } else {
            out.push(c);
        }
    }
    (out, "")
}

/// Skips a comment, nested ones too, and gives what follows.
fn comment(text: &str) -> &str {
    let mut depth = 1usize;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String)> {
        parse(text.as_bytes(), None).mailboxes.into_iter().map(|m| (m.name, m.address)).collect()
    }

    #[test]
    fn names_commas_in_quotes_and_comments_are_told_apart() {
        assert_eq!(
            read("\"Mori, Kei\" <kei@haruka.example>, ops@haruka.example (operations), <x@y.example>"),
            [
                (Some("Mori, Kei".to_owned()), "kei@haruka.example".to_owned()),
                (None, "ops@haruka.example".to_owned()),
                (None, "x@y.example".to_owned()),
            ]
        );
    }

    #[test]
    fn an_encoded_word_is_never_an_address() {
        let word = data_encoding::BASE64.encode(b"boss@haruka.example>, <x@y.example");
        let list = parse(format!("=?utf-8?B?{word}?= <thief@attacker.example>").as_bytes(), None);
        assert_eq!(list.mailboxes.len(), 1);
        assert_eq!(list.mailboxes[0].address, "thief@attacker.example");
    }

    #[test]
    fn an_encoded_word_with_a_comma_and_one_in_quotes_are_names() {
        assert_eq!(
            read("=?utf-8?Q?Mori,_Kei?= <k@h.example>"),
            [(Some("Mori, Kei".to_owned()), "k@h.example".to_owned())]
        );
        assert_eq!(read("\"=?utf-8?B?5qOu?=\" <k@h.example>"), [(Some("森".to_owned()), "k@h.example".to_owned())]);
    }

    #[test]
    fn two_addresses_in_one_entry_make_the_list_unsound() {
        for text in
            ["<a@b.example> <c@d.example>", "a@b.example c@d.example", "group: a@b.example;", "a@b.example, <broken"]
        {
            assert!(!parse(text.as_bytes(), None).sound, "{text}");
        }
    }

    #[test]
    fn an_old_mobile_address_is_taken_out_of_its_quotes() {
        assert_eq!(read("<\"mori.\"@docomo.example.jp>"), [(None, "mori.@docomo.example.jp".to_owned())]);
    }
}
