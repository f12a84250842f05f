//! Text folded for matching, every place of which leads back to the text as it was written.

use unicode_normalization::UnicodeNormalization;

/// A text after NFKC: full-width letters and half-width kana become the usual ones. Values are cut from `raw`.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// As written.
    pub raw: String,
    /// After folding; patterns match here.
    pub text: String,
    /// For each byte of `text`, and for its end, the byte of `raw` that it came from.
    origin: Vec<usize>,
}

impl Folded {
    /// Folds a text. Linear in its length.
    pub fn new(raw: &str) -> Self {
        let mut text = String::with_capacity(raw.len());
        let mut origin = Vec::with_capacity(raw.len() + 1);
        let mut rest = raw.char_indices().peekable();
        while let Some((at, first)) = rest.next() {
            let mut cluster = String::from(first);
            // Half-width kana carry their sound mark as a character of its own.
            while let Some((_, mark)) =
                rest.next_if(|(_, c)| matches!(c, '\u{ff9e}' | '\u{ff9f}' | '\u{3099}' | '\u{309a}'))
            {
                cluster.push(mark);
            }
            // ① would become 1, and "①②" the number 12.
            let keep = ('①'..='⑳').contains(&first);
            for folded in cluster.nfkc().map(|c| if keep { first } else { c }).take(if keep { 1 } else { usize::MAX }) {
                let folded = match folded {
                    '\u{200b}' | '\u{feff}' | '\u{2060}' => continue,
                    c if c.is_whitespace() && c != '\n' && c != '\t' => ' ',
                    c => c,
                };
                text.push(folded);
                origin.extend(std::iter::repeat_n(at, folded.len_utf8()));
            }
        }
        origin.push(raw.len());
        Self { raw: raw.to_owned(), text, origin }
    }

    /// The written form of a byte range of `text`.
    pub fn written(&self, start: usize, end: usize) -> &str {
        let from = self.origin.get(start).copied().unwrap_or(self.raw.len());
        let to = self.origin.get(end).copied().unwrap_or(self.raw.len());
        self.raw.get(from..to).unwrap_or_default()
    }
}

/// The written form of a value that was read from the folded text.
pub fn as_written(whole: &Folded, value: &str) -> Option<String> {
    let at = whole.text.find(value)?;
    Some(one_line(whole.written(at, at + value.len()))).filter(|written| !written.is_empty())
}

/// A text after NFKC alone, where no way back is needed.
pub fn fold(text: &str) -> String {
    Folded::new(text).text
}

/// White space folded to single blanks, ends trimmed.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_in_the_folded_text_is_cut_from_the_written_one() {
        let folded = Folded::new("会社：熊本ｶﾞｽ㈱ です");
        let at = folded.text.find("熊本ガス(株)").unwrap();
        assert_eq!(folded.written(at, at + "熊本ガス(株)".len()), "熊本ｶﾞｽ㈱");
    }
}
