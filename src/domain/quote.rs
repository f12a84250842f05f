//! Text of a stranger inside a letter of ours: one line, short, and nothing in it to click.

/// The longest text of an unverified sender that a letter repeats, in characters.
pub const UNVERIFIED_LENGTH: usize = 80;
/// The longest text of a verified sender that a letter repeats, in characters.
pub const VERIFIED_LENGTH: usize = 400;

/// The text as a letter may repeat it: on one line, cut, for an unverified sender with its links broken.
pub fn repeated(text: &str, verified: bool) -> String {
    let line = one_line(text, if verified { VERIFIED_LENGTH } else { UNVERIFIED_LENGTH });
    if verified { line } else { links_broken(&line) }
}

/// What an administrator says to the sender (rule H2): longer than a stranger's words, and nothing in it to click either.
pub fn passed_on(text: &str) -> String {
    links_broken(&one_line(text, VERIFIED_LENGTH))
}

/// The text without these names: each as a whole, and each of its words that is no initial. What is left of a sentence stays.
pub fn without_names<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for name in names {
        parts.push(name);
        parts.extend(name.split_whitespace());
    }
    parts.retain(|part| part.chars().count() >= 2);
    // The longest first, so that a whole name goes as a whole.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.into_iter().fold(text.to_owned(), |text, part| without_word(&text, part))
}

/// A Latin name goes only where it stands as a word: "Park" is no part of "parking".
fn without_word(text: &str, word: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        kept.push_str(before);
        let inside = |c: Option<char>| word.is_ascii() && c.is_some_and(|c| c.is_ascii_alphanumeric());
        if inside(kept.chars().next_back()) || inside(after.chars().next()) {
            kept.push_str(word);
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Control characters and line ends become one blank; what is over `longest` characters is cut and marked.
pub fn one_line(text: &str, longest: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c));
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    line.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// Characters that reorder or hide text.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// No mail program makes a link of what comes out.
fn links_broken(line: &str) -> String {
    let broken = line.replace("://", ":// ");
    let mut out = String::with_capacity(broken.len());
    let mut characters = broken.chars().peekable();
    let mut before = ' ';
    while let Some(c) = characters.next() {
        out.push(c);
        let inside = before.is_alphanumeric() && characters.peek().is_some_and(|next| next.is_alphanumeric());
        // "www.evil.example" and "a@b.example" alike become "www. evil. example".
        if c == '.' && inside && !(before.is_ascii_digit() && characters.peek().is_some_and(char::is_ascii_digit)) {
            out.push(' ');
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_s_text_stays_on_one_line_of_eighty_characters_with_nothing_to_click() {
        let text = "See https://evil.example/login now\r\nBcc: x@y.example\u{202e} ".repeat(9);
        let line = repeated(&text, false);
        assert!(line.chars().count() <= UNVERIFIED_LENGTH + 40, "{line}");
        assert!(!line.contains('\n') && !line.contains("https://evil") && !line.contains("evil.example"), "{line}");
    }

    #[test]
    fn h2_the_name_of_who_wrote_a_comment_is_taken_out_of_it() {
        let names = ["Lee Park", "lee@partner.example"];
        assert_eq!(without_names("Please correct the parking lot. Lee", names), "Please correct the parking lot. ");
        assert_eq!(without_names("Lee Park (lee@partner.example)", names), " ()");
        assert_eq!(without_names("会社名を訂正してください。安藤", ["安藤 直子"]), "会社名を訂正してください。");
    }

    #[test]
    fn a_verified_sender_s_text_keeps_its_words() {
        assert_eq!(repeated("保守運用を\n委託しているため", true), "保守運用を 委託しているため");
        assert_eq!(repeated("ver 1.5", false), "ver 1.5");
    }
}
