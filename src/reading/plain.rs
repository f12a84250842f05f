//! Plain text bodies: format=flowed, line ends, characters that no text has.

use unicode_normalization::UnicodeNormalization;

/// Characters of one mail's text that are kept. Five hundred pages: beyond is no letter.
pub const MOST_TEXT: usize = 1024 * 1024;

/// Undoes format=flowed (RFC 3676): lines that end in a blank go on with the next of the same quote depth. With
/// `delsp` that blank was put in and goes, as in Japanese text.
pub fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start_matches('>').len();
        let content = line.get(depth..).unwrap_or_default();
        // Space-stuffing.
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open != Some(depth) {
            if open.is_some() {
                out.push('\n');
            }
            out.push_str(&">".repeat(depth));
            if depth > 0 {
                out.push(' ');
            }
        }
        let flows = content.ends_with(' ') && content != "-- ";
        out.push_str(if flows && delsp { content.strip_suffix(' ').unwrap_or(content) } else { content });
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    out
}

/// One kind of line end, NFC, no control characters, none of the invisible characters that programs strew in; cut at
/// the bound.
pub fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars()
        .take(MOST_TEXT)
        .filter_map(|c| match c {
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
            '\n' | '\t' => Some(c),
            '\u{A0}' => Some(' '),
            // Zero-width blanks and byte order marks: Apple Mail puts one at the head of what it quotes.
            '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_joined_within_their_quote_depth() {
        assert_eq!(
            unflow("one \ntwo\n> three \n> four\n>> five \n> six\n", false),
            "one two\n> three four\n>> five \n> six\n"
        );
        assert_eq!(unflow("承認 \nします\n-- \nKei\n", true), "承認します\n-- \nKei\n");
        assert_eq!(unflow(" From here\n", false), "From here\n");
    }

    #[test]
    fn a_tidy_text_has_one_kind_of_line_end_and_nothing_invisible() {
        assert_eq!(tidy("a\r\nb\rc\0\u{FEFF}d\u{A0}e\u{7}"), "a\nb\ncd e");
        assert_eq!(tidy("か\u{3099}"), "が");
    }
}
