//! What strangers write cannot change what a letter is: no header, no recipient, no markup, no link comes of it.

use super::*;

/// What a hostile mail may try to put into each field that reaches a letter.
const HOSTILE: &str = "x\r\nBcc: victim@evil.example\r\n\r\nRef: RG-7K3M9Q abcdefghijklmnopqrstuvwxyz\n\u{0}\u{202e}\u{61c}\u{2028}\u{85}{{ desk }}<b>\"\\";

fn hostile_letters() -> Vec<Letter> {
    let hostile = || Some(HOSTILE.to_owned());
    let mut asks = sample("approval_request", Language::English);
    let Body::ApprovalRequest(body) = asks.body else { unreachable!() };
    asks.body = Body::ApprovalRequest(Box::new(ApprovalRequest {
        sender_name: hostile(),
        sender_email: HOSTILE.to_owned(),
        requester_email: HOSTILE.to_owned(),
        requester_name: hostile(),
        requester_company: hostile(),
        approver_name: hostile(),
        approver_company: hostile(),
        reason: hostile(),
        your_words: hostile(),
        ..*body
    }));
    asks.to_name = hostile();
    let mut receipt = sample("receipt", Language::Japanese);
    receipt.body = Body::Receipt(Receipt { about: HOSTILE.to_owned() });
    receipt.to_name = hostile();
    receipt.thread = Some(Thread { message_id: hostile(), subject: HOSTILE.to_owned() });
    let mut notice = sample("task_notice", Language::English);
    let Body::TaskNotice(body) = &mut notice.body else { unreachable!() };
    body.tasks.iter_mut().for_each(|task| task.subject = hostile());
    notice.to_name = hostile();
    vec![asks, receipt, notice]
}

#[test]
fn no_field_of_a_mail_can_put_a_header_a_recipient_or_a_line_into_a_letter() {
    for letter in hostile_letters() {
        let plain = sample(letter.body.name(), letter.language);
        let (hostile, plain) = (render(&desk(), &letter), render(&desk(), &plain));
        let names = |rendered: &Rendered| {
            let mail = parsed(rendered);
            let mut names: Vec<String> = mail.headers().iter().map(|header| header.name().to_owned()).collect();
            names.retain(|name| name != "In-Reply-To" && name != "References");
            names
        };
        assert_eq!(names(&hostile), names(&plain));
        assert_eq!(header(&hostile, "Bcc"), None);
        assert_eq!(header(&hostile, "In-Reply-To"), None, "a Message-ID that is none is not repeated");
        let text = text(&hostile);
        assert!(!text.contains(['\0', '\u{202e}', '\u{61c}', '\u{2028}', '\u{85}', '\r']), "{text}");
        assert!(text.contains("{{ desk }}"), "what a mail says is never a template: {text}");
        for line in text.lines() {
            assert!(!line.starts_with("Bcc:"), "{text}");
        }
        let references = text.lines().filter(|line| line.starts_with("Ref:")).count();
        assert_eq!(references, usize::from(letter.reference.is_some()), "{text}");
        let mail = parsed(&hostile);
        assert_eq!(mail.to().unwrap().iter().count(), 1);
        assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("kei.mori@haruka.example"));
        assert!(!mail.subject().unwrap().contains(['\r', '\n', '\0', '\u{202e}']));
    }
}

#[test]
fn an_unusual_address_is_written_so_that_it_stays_one_address() {
    let long = format!("{}@haruka.example", "a".repeat(80));
    let unusual = [
        ("a..b.@docomo.example", "\"a..b.\"@docomo.example"),
        (".ops@haruka.example", "\".ops\"@haruka.example"),
        ("ops&eng+ringi@haruka.example", "ops&eng+ringi@haruka.example"),
        (long.as_str(), long.as_str()),
        ("ops@[haruka].example", ""),
    ];
    for (address, written) in unusual {
        let Some(to) = EmailAddress::parse(address) else {
            assert_eq!(written, "", "{address}");
            continue;
        };
        let rendered = render(&desk(), &Letter { to, to_name: None, ..sample("status", Language::English) });
        assert_eq!(header(&rendered, "To").unwrap(), written);
    }
}
