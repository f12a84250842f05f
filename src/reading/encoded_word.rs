//! Encoded words of RFC 2047, as mailers write them and not only as they should.

use super::{charset, transfer};

/// One `=?charset?X?…?=`, undone to bytes.
struct Word<'t> {
    label: &'t str,
    bytes: Vec<u8>,
}

/// Decodes every encoded word of a header's text. A word is decoded for itself, since JIS words begin and end in ASCII;
/// but bytes of neighbours of one charset are joined first where a character may be split between them.
pub fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Vec<Word<'_>> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        let Some((word, after)) = parse(from) else {
            // Not a word: the two characters stand for themselves.
            flush(&mut run, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = from.strip_prefix("=?").unwrap_or_default();
            continue;
        };
        // Blanks between two words are none (RFC 2047, 6.2).
        if run.is_empty() || !before.trim().is_empty() {
            flush(&mut run, &mut out);
            out.push_str(before);
        }
        run.push(word);
        rest = after;
    }
    flush(&mut run, &mut out);
    out.push_str(rest);
    out
}

/// The encoded word that `text` begins with, undecoded.
pub fn at_start(text: &str) -> Option<&str> {
    let (_, after) = parse(text)?;
    text.get(..text.len() - after.len())
}

/// The word at the start of `text`, with what follows it.
fn parse(text: &str) -> Option<(Word<'_>, &str)> {
    let (label, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let plain = |s: &str| !s.is_empty() && s.len() < 40 && s.bytes().all(|b| b.is_ascii_graphic());
    if !plain(label) {
        return None;
    }
    let (content, after) = rest.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => transfer::base64(content.as_bytes()),
        "Q" | "q" => transfer::q_word(content.as_bytes()),
        _ => return None,
    };
    // RFC 2231 allows `utf-8*ja`.
    let label = label.split_once('*').map_or(label, |(label, _)| label);
    Some((Word { label, bytes }, after))
}

/// Writes a run of neighbours.
fn flush(run: &mut Vec<Word<'_>>, out: &mut String) {
    let mut words = run.drain(..).peekable();
    while let Some(mut word) = words.next() {
        while let Some(next) = words.next_if(|next| continues(&word, next)) {
            word.bytes.extend(next.bytes);
        }
        out.push_str(&charset::decode(&word.bytes, Some(word.label), None));
    }
}

/// Whether a character may be split between two neighbours. JIS words are joined only where the first ends outside
/// ASCII and the second does not shift by itself: joined needlessly, they have empty shifts between them.
fn continues(word: &Word<'_>, next: &Word<'_>) -> bool {
    word.label.eq_ignore_ascii_case(next.label)
        && match charset::by_label(word.label) {
            Some(charset::Charset::Jis) => charset::ends_shifted(&word.bytes) && next.bytes.first() != Some(&0x1b),
            Some(_) => true,
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jis_words_that_follow_each_other_are_decoded_one_by_one() {
        assert_eq!(decode("Re: =?ISO-2022-JP?B?GyRCPjVHJxsoQg==?=  =?ISO-2022-JP?B?GyRCTVcbKEI=?="), "Re: 承認要");
    }

    #[test]
    fn a_utf8_character_split_over_two_words_is_healed() {
        // 承 is E6 89 BF.
        assert_eq!(decode("=?UTF-8?Q?=E6=89?= =?utf-8?Q?=BF=E8=AA=8D?="), "承認");
    }

    #[test]
    fn a_jis_word_that_ends_shifted_is_continued_by_the_next() {
        let first = data_encoding::BASE64.encode(b"\x1b$B>5");
        let second = data_encoding::BASE64.encode(b"G'\x1b(B");
        assert_eq!(decode(&format!("=?iso-2022-jp?B?{first}?= =?iso-2022-jp?B?{second}?=")), "承認");
    }

    #[test]
    fn words_glued_to_text_with_a_language_or_in_lower_case_are_read() {
        assert_eq!(decode("[RG-7K3M9Q]=?utf-8*ja?b?5om/6KqN?=です"), "[RG-7K3M9Q]承認です");
        assert_eq!(decode("=?cp932?Q?=8F=B3=94F?="), "承認");
    }

    #[test]
    fn what_is_no_word_stays_as_it_is() {
        for text in ["a =? b", "=?utf-8?X?abc?=", "=?utf-8?B?abc", "=??B?abc?=", "1=?2"] {
            assert_eq!(decode(text), text);
        }
    }
}
