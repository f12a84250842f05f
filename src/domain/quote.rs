//! Text of a stranger inside a letter of ours: one line, short, and nothing in it to click.

use std::borrow::Cow;

/// The longest text of an unverified sender that a letter repeats, in characters.
pub const UNVERIFIED_LENGTH: usize = 80;
/// The longest text of a verified sender that a letter repeats, in characters.
pub const VERIFIED_LENGTH: usize = 400;

/// The text as a letter may repeat it: on one line, cut, for an unverified sender with its links broken.
pub fn repeated(text: &str, verified: bool) -> String {
    let text = tokens_masked(text);
    if verified {
        return one_line(&text, VERIFIED_LENGTH);
    }
    // Broken links are longer: cut once more. What is cut first is bounded, whatever a mail holds.
    one_line(&links_broken(&one_line(&text, UNVERIFIED_LENGTH)), UNVERIFIED_LENGTH)
}

/// What an administrator says to the sender (rule H2): longer than a stranger's words, and nothing in it to click either.
pub fn passed_on(text: &str) -> String {
    links_broken(&one_line(&tokens_masked(text), VERIFIED_LENGTH))
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

/// Length of a token (rule T8).
const TOKEN_LENGTH: usize = 26;

/// Every word of a token's shape becomes "…" (rule T10): an answer that is passed on must not take its key along.
pub fn tokens_masked(text: &str) -> Cow<'_, str> {
    let in_token = |b: u8| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b);
    let mut out = String::new();
    let mut kept = 0usize;
    for (start, end) in words(text) {
        let word = text.get(start..end).unwrap_or_default();
        if word.len() == TOKEN_LENGTH && word.bytes().all(in_token) {
            out.push_str(text.get(kept..start).unwrap_or_default());
            out.push('…');
            kept = end;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where the runs of ASCII letters and digits begin and end. In a `mailto:` link the two digits behind a `%` are no part of
/// what follows them.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut encoded = 0u8;
    for (at, byte) in text.bytes().enumerate() {
        let inside = byte.is_ascii_alphanumeric() && encoded == 0;
        encoded = if byte == b'%' { 2 } else { encoded.saturating_sub(1) };
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    words.extend(start.map(|from| (from, text.len())));
    words
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
        assert!(line.chars().count() <= UNVERIFIED_LENGTH, "{line}");
        assert!(!line.contains('\n') && !line.contains("https://evil") && !line.contains("evil.example"), "{line}");
    }

    #[test]
    fn t10_a_token_is_masked_wherever_it_stands_and_nothing_else_is() {
        let token = "abcdefghijklmnopqrstuvwx27";
        for (text, masked) in [
            (format!("Ref: RG-7K3M9Q {token}"), "Ref: RG-7K3M9Q …"),
            (format!("desk+{token}@vendor.example"), "desk+…@vendor.example"),
            (format!("<RG-7K3M9Q.{token}@vendor.example>\r\n>{token}<"), "<RG-7K3M9Q.…@vendor.example> >…<"),
            (format!("body=Ref%3A%20RG-7K3M9Q%20{token}%0D%0A"), "body=Ref%3A%20RG-7K3M9Q%20…%0D%0A"),
            (format!("森{}様", token.to_uppercase()), "森…様"),
            (format!("x{token} {token}7 {token}_"), &format!("x{token} {token}7 …_")),
            ("契約番号 92168807 50%".to_owned(), "契約番号 92168807 50%"),
            ("abcdefghijklmnopqrstuvwx01".to_owned(), "abcdefghijklmnopqrstuvwx01"),
        ] {
            assert_eq!(repeated(&text, true), masked);
        }
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
