//! A server's reply as it may be stored and shown: one line, bounded, addresses masked.

use crate::domain::address::EmailAddress;
use crate::domain::quote::one_line;

/// In characters. Replies carry policy texts and links of any length.
const LONGEST: usize = 200;

/// The reply as it may be shown.
pub(super) fn shown(reply: &str) -> String {
    let mut masked = String::with_capacity(reply.len());
    for piece in reply.split_inclusive(ends_a_word) {
        let word = piece.trim_end_matches(ends_a_word);
        let end = piece.strip_prefix(word).unwrap_or_default();
        masked.push_str(&without_address(word));
        masked.push_str(end);
    }
    one_line(&masked, LONGEST)
}

fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "<>()[],;:=".contains(c)
}

fn without_address(word: &str) -> String {
    match word.rsplit_once('@') {
        None => word.to_owned(),
        Some((_, domain)) => match EmailAddress::parse(word.trim_end_matches('.')) {
            Some(address) => address.masked(),
            None => format!("…@{domain}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_one_line_with_its_addresses_masked() {
        let reply =
            "550 5.1.1 <kei.mori@haruka.example>: Recipient\r\naddress rejected, ask postmaster@haruka.example.";
        assert_eq!(shown(reply), "550 5.1.1 <k…@haruka.example>: Recipient address rejected, ask p…@haruka.example");
        assert_eq!(shown("553 \"kei..mori\"@haruka.example"), "553 …@haruka.example");
    }

    #[test]
    fn an_endless_reply_is_cut() {
        assert_eq!(shown(&"x".repeat(10_000)).chars().count(), LONGEST);
        assert!(shown(&"あ@い.example ".repeat(500)).chars().count() <= LONGEST);
    }
}
