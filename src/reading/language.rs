//! Which language a mail is to be answered in.

use crate::domain::words::Language;

/// The language of a text; `None` where it has no letters. Kana are sure; kanji alone count where they are not just a
/// name in an English text. A text in both is Japanese where a good part of it is: then the writer reads Japanese.
pub fn of(text: &str) -> Option<Language> {
    let (mut kana, mut kanji, mut latin) = (0usize, 0usize, 0usize);
    for c in text.chars() {
        match c {
            '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{FF66}'..='\u{FF9D}' => kana += 1,
            '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => kanji += 1,
            c if c.is_alphabetic() && !('\u{FF21}'..='\u{FF5A}').contains(&c) => latin += 1,
            _ => {}
        }
    }
    // A Japanese character says about as much as four Latin letters, and addresses and company names swell the latter.
    let japanese = kana + kanji;
    if japanese == 0 {
        return (latin > 0).then_some(Language::English);
    }
    let weighty = japanese * 6 >= latin;
    let sure = kana > 0 || latin == 0 || kanji * 2 >= latin;
    Some(if weighty && sure { Language::Japanese } else { Language::English })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_japanese_text_with_foreign_names_is_japanese() {
        assert_eq!(
            of("契約 92168807 を Blueholt Networks AB の d.lindqvist@blueholt.example へ登録してください。"),
            Some(Language::Japanese)
        );
        assert_eq!(of("承認"), Some(Language::Japanese));
        assert_eq!(of("OKです"), Some(Language::Japanese));
    }

    #[test]
    fn an_english_text_with_a_japanese_name_is_english() {
        assert_eq!(
            of("Please register the contract for Mr. Mori (森 圭) of Haruka Networks, thank you."),
            Some(Language::English)
        );
        assert_eq!(of("Approved."), Some(Language::English));
    }

    #[test]
    fn a_text_without_letters_has_none() {
        assert_eq!(of("👍 123"), None);
    }
}
