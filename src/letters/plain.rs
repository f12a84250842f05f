//! Plain text: values that stay on their line, long ones wrapped, and a finished letter without loose ends.

use crate::domain::quote::one_line;

/// The widest line of a letter, in columns; a full-width character takes two.
pub const COLUMNS: usize = 76;
/// The longest value that a letter shows, in characters. Texts of mails were cut far shorter before; a list of numbers in a
/// form must stay whole, or it would not read back.
pub const LONGEST_VALUE: usize = 100_000;

/// A value as it may stand in a letter: on one line, without control characters or such that reorder text.
pub fn value(text: &str) -> String {
    one_line(text, LONGEST_VALUE)
}

/// A value over several lines of at most [`COLUMNS`]. The first begins in column `first`, where the template puts it; the
/// others are indented. Addresses and other long words stay whole.
pub fn wrapped(text: &str, indent: usize, first: usize) -> String {
    let mut out = String::new();
    let mut column = first;
    for piece in pieces(&value(text)) {
        if column > indent && column + width(piece.trim_end()) > COLUMNS && !out.is_empty() {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        out.push_str(&piece);
        column += width(&piece);
    }
    out
}

/// What must not be torn: words with the blank after them, full-width characters with the punctuation that clings to them.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for c in text.chars() {
        let breaks = before.is_some_and(|before| {
            before == ' ' && c != ' '
                || (columns(before) == 2 || columns(c) == 2) && !clings_to_the_line_before(c) && !opens(before)
        });
        match pieces.last_mut() {
            Some(piece) if !breaks => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        before = Some(c);
    }
    pieces
}

/// 行頭禁則: what no line begins with.
fn clings_to_the_line_before(c: char) -> bool {
    " 、。，．,.)）」』】〉》〕］｝]!！?？:：;；・…ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ".contains(c)
}

/// 行末禁則: what no line ends with.
fn opens(c: char) -> bool {
    "(（「『【〈《〔［｛[".contains(c)
}

fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// East Asian wide and full-width characters take two columns; half-width katakana takes one.
const fn columns(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 2,
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => 2,
        '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// A rendered text without what templates leave behind: blanks at line ends, runs of empty lines, control characters.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let line = line.trim_end();
        if line.is_empty() {
            gap = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_wrapped_and_no_line_begins_with_punctuation() {
        let text = "弊社の基幹システムの保守運用を長年にわたりお願いしている会社の担当者であり、障害の際に直接お問い合わせをしていただく必要があるためです。";
        let wrapped = wrapped(text, 4, 4);
        assert_eq!(wrapped.replace("\n    ", ""), text);
        for line in wrapped.lines() {
            assert!(width(line) <= COLUMNS + 2, "{line}");
            assert!(!line.trim_start().starts_with(['、', '。']), "{line}");
        }
    }

    #[test]
    fn an_address_is_never_torn() {
        let address = format!("{}@haruka.example", "a".repeat(90));
        assert_eq!(wrapped(&address, 2, 2), address);
        assert_eq!(wrapped(&format!("to {address} now"), 2, 2), format!("to\n  {address}\n  now"));
    }

    #[test]
    fn a_finished_text_has_single_empty_lines_and_one_line_end_at_its_end() {
        assert_eq!(tidy("\n\n a \r\n\n\n\nb\u{0}\u{1b}\n\n"), " a\n\nb\n");
    }
}
