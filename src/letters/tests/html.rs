//! What the HTML part must be like.

use super::*;

#[test]
fn a_letter_leaves_as_text_and_html_the_text_first() {
    for letter in samples::letters() {
        let rendered = render(&desk(), &letter);
        let mail = parsed(&rendered);
        let kinds: Vec<String> = mail
            .parts
            .iter()
            .map(|part| {
                let kind = mail_parser::MimeHeaders::content_type(part).unwrap();
                format!("{}/{}", kind.ctype(), kind.subtype().unwrap())
            })
            .collect();
        assert_eq!(kinds, ["multipart/alternative", "text/plain", "text/html"], "{}", letter.body.name());
    }
}

/// All that a reader sees: tags and comments taken off.
fn seen(page: &str) -> String {
    let body = page.split_once("<body").unwrap().1;
    let mut out = String::new();
    let mut inside = true;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[test]
fn t8_the_reference_line_stands_once_in_the_html_part_and_all_other_tokens_in_its_buttons() {
    for letter in samples::letters() {
        let page = html(&render(&desk(), &letter));
        let lines = seen(&page).matches("Ref: ").count();
        assert_eq!(lines, usize::from(letter.reference.is_some()), "{}", letter.body.name());
        match &letter.key {
            Key::Asks(secrets) => {
                assert!(page.contains(&format!(">Ref: RG-7K3M9Q {}</p>\n</body>", secrets.reference_line.expose())));
                // One in the line itself, three in the bodies of the buttons.
                assert_eq!(page.matches(secrets.reference_line.expose()).count(), 4);
                assert_eq!(page.matches(secrets.reply_address.expose()).count(), 3);
                assert!(!page.contains(secrets.message_id.expose()));
            }
            // No buttons.
            Key::AsksSender(secrets) => {
                assert_eq!(page.matches(secrets.reference_line.expose()).count(), 1);
                assert!(!page.contains(secrets.reply_address.expose()) && !page.contains(secrets.message_id.expose()));
            }
            Key::Tells(token) => assert!(!page.contains(token.expose())),
        }
    }
}

#[test]
fn an_html_part_loads_nothing_and_runs_nothing() {
    for letter in samples::letters() {
        let page = html(&render(&desk(), &letter)).to_lowercase();
        for forbidden in
            ["http:", "https:", "src=", "url(", "@import", "<link", "<script", "<img", "<form", "javascript:"]
        {
            assert!(!page.contains(forbidden), "{}: {forbidden}", letter.body.name());
        }
        let links = page.matches("href=").count();
        assert_eq!(links, page.matches("href=\"mailto:").count());
        assert_eq!(links, if matches!(letter.key, Key::Asks(_)) { 3 } else { 0 }, "{}", letter.body.name());
        let language = letter.language.as_str();
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
    }
}

#[test]
fn text_and_html_say_the_same() {
    // Whatever stands in quotation marks, in a form or after a label in one part stands in the other one as well.
    for letter in samples::letters() {
        let rendered = render(&desk(), &letter);
        let bare = |text: &str| -> String {
            let text = text
                .replace("&#x27;", "'")
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
            text.chars().filter(|c| c.is_alphanumeric() || *c == '@').collect::<String>().to_lowercase()
        };
        let page = bare(&seen(&html(&rendered)));
        let paragraphs = text(&rendered);
        let parts =
            paragraphs.split("\n\n").filter(|part| !part.contains("HOW TO ANSWER") && !part.contains("ご回答の方法"));
        for line in parts.flat_map(str::lines).map(str::trim).filter(|line| line.contains('@') || line.contains("9216"))
        {
            assert!(page.contains(&bare(line)), "{} {}: {line}", letter.body.name(), letter.language);
        }
    }
}

#[test]
fn a_letter_too_long_for_gmail_leaves_as_text_alone() {
    let mut asks = sample("approval_request", Language::Japanese);
    let Body::ApprovalRequest(body) = &mut asks.body else { unreachable!() };
    body.items = body.items.iter().cycle().take(600).cloned().collect();
    let rendered = render(&desk(), &asks);
    assert_eq!(parsed(&rendered).parts.len(), 1);
    assert!(text(&rendered).contains("対象の契約(600件)"));
    // Three dozen items, more than real requests have, still have their buttons.
    let Body::ApprovalRequest(body) = &mut asks.body else { unreachable!() };
    body.items.truncate(36);
    assert_eq!(parsed(&render(&desk(), &asks)).parts.len(), 3);
}
