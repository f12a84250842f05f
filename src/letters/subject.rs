//! Subjects: one line, short, with the reference at the end and no other one.

use crate::domain::ids::Reference;
use crate::domain::quote::{one_line, repeated};

/// The longest subject without its reference, in characters.
const LONGEST: usize = 100;

/// `Re: ` and the subject that is answered, as a stranger's text may be repeated; `None` where nothing is left of it.
pub(super) fn reply_to(subject: &str) -> Option<String> {
    let cleaned = without_references(subject);
    let bare = without_reply_marks(cleaned.trim());
    let bare = repeated(bare, false);
    (!bare.is_empty()).then(|| format!("Re: {bare}"))
}

/// A rendered subject as it leaves: `… [RG-7K3M9Q]`.
pub(super) fn finished(rendered: &str, reference: Option<&Reference>) -> String {
    match reference {
        Some(reference) => format!("{} [{reference}]", one_line(&without_references(rendered), LONGEST)),
        None => one_line(rendered, LONGEST),
    }
}

/// Without the marks that mail programs pile up: `Re: Re[2]: 返信: `.
fn without_reply_marks(subject: &str) -> &str {
    let mut rest = subject;
    while let Some((mark, after)) = rest.split_once([':', '：']) {
        let mark = mark.trim().to_lowercase();
        let counted = mark.strip_prefix("re[").is_some_and(|n| n.trim_end_matches(']').parse::<u8>().is_ok());
        if !(mark == "re" || mark == "返信" || counted) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// Without bracketed references: the letter's own is appended, and another would name a second request.
fn without_references(subject: &str) -> String {
    let mut out = String::with_capacity(subject.len());
    let mut rest = subject;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((inside, behind)) if Reference::parse(inside).is_some() => {
                out.truncate(out.trim_end().len());
                rest = behind;
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        Reference::parse("RG-7K3M9Q").unwrap()
    }

    #[test]
    fn an_answer_repeats_the_subject_once_with_one_re_and_one_reference() {
        let re = reply_to("RE: Re[2]: 返信： 契約登録のお願い [RG-7K3M9Q]").unwrap();
        assert_eq!(re, "Re: 契約登録のお願い");
        assert_eq!(finished(&re, Some(&reference())), "Re: 契約登録のお願い [RG-7K3M9Q]");
        assert_eq!(reply_to("Re: "), None);
        assert_eq!(reply_to("[urgent] Contract").as_deref(), Some("Re: [urgent] Contract"));
    }

    #[test]
    fn t8_the_subject_names_no_other_request_than_the_letter_s_own() {
        let re = reply_to("Fw: [RG-ABCDEF] access").unwrap();
        assert_eq!(finished(&re, Some(&reference())), "Re: Fw: access [RG-7K3M9Q]");
    }

    #[test]
    fn a_subject_stays_one_short_line_with_nothing_to_click() {
        let re = reply_to(&"hello\r\nBcc: x@evil.example\u{202e}\u{0} https://evil.example/ ".repeat(20)).unwrap();
        let subject = finished(&re, Some(&reference()));
        assert!(subject.chars().count() <= LONGEST + 12, "{subject}");
        assert!(!subject.contains(['\r', '\n', '\0', '\u{202e}']) && !subject.contains("evil.example"), "{subject}");
        assert!(subject.ends_with("[RG-7K3M9Q]"));
    }
}
