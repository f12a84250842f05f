//! What strangers write cannot change what a letter is: no header, no recipient, no markup, no link comes of it.

use super::*;
use crate::domain::letter::{
    AnswerReceipt, ApprovedLetter, CannotConfirm, DecisionRecorded, Escalation, LateAnswer, MissingInformation,
    StatusLetter,
};
use crate::domain::quote::repeated;

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

/// What each field that a stranger fills may hold in addition.
const TRICKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<a href=\"https://evil.example/\">click</a>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "\" style=\"display:none\" x=\"",
    "' onmouseover='alert(1)",
    "--></style></title><h1>Approved</h1><!--",
    "{{ desk }} {% raw %} {# x #}",
    "=?utf-8?Q?x=0D=0ABcc:_victim@evil.example?=",
    "=?utf-8?B?DQpCY2M6IHZpY3RpbUBldmlsLmV4YW1wbGU=?=",
    "a,\r\n b <victim@evil.example>",
    "x\r\n\tfolded: y",
    "\u{2028}Bcc: victim@evil.example\u{2029}",
    "\u{202e}elpmaxe.live\u{202c}",
    "--=_0123456789abcdef0123456789abcdef--",
];

/// Every letter with this text in every field that comes from a mail or from the register, strings alike.
fn letters_holding(trick: &str) -> Vec<Letter> {
    let text = || trick.to_owned();
    let some = || Some(trick.to_owned());
    let lines = |lines: Vec<crate::domain::letter::ItemLine>| -> Vec<_> {
        lines.into_iter().map(|line| crate::domain::letter::ItemLine { number: some(), ..line }).collect()
    };
    let filled = |body: Body| match body {
        Body::Receipt(_) => Body::Receipt(Receipt { about: text() }),
        Body::Status(body) => Body::Status(StatusLetter { requester_email: some(), lines: lines(body.lines), ..body }),
        Body::MissingInformation(mut body) => {
            let known = &mut body.known;
            known.contract_numbers = vec![text(), text()];
            for person in [&mut known.requester, &mut known.approver] {
                (person.email, person.name, person.company) = (some(), some(), some());
            }
            known.reason = some();
            Body::MissingInformation(Box::new(MissingInformation { ..*body }))
        }
        Body::SentBack(mut body) => {
            let known = &mut body.known;
            known.contract_numbers = vec![text(), text()];
            for person in [&mut known.requester, &mut known.approver] {
                (person.email, person.name, person.company) = (some(), some(), some());
            }
            known.reason = some();
            body.comment = some();
            body.lines = lines(body.lines);
            Body::SentBack(body)
        }
        Body::CannotConfirm(_) => Body::CannotConfirm(CannotConfirm { numbers: vec![text(), text()] }),
        Body::Approved(body) => Body::Approved(ApprovedLetter {
            requester_email: text(),
            lines: lines(body.lines),
            others: lines(body.others),
            ..body
        }),
        Body::ApprovalRequest(body) => Body::ApprovalRequest(asking(*body, trick)),
        Body::ApprovalReminder(body) => Body::ApprovalReminder(asking(*body, trick)),
        Body::ApprovalAgain(body) => Body::ApprovalAgain(asking(*body, trick)),
        Body::ApprovalConfirmation(body) => Body::ApprovalConfirmation(asking(*body, trick)),
        Body::DecisionRecorded(body) => {
            let lines = body.lines.into_iter().map(|line| crate::domain::letter::RecordedLine {
                line: crate::domain::letter::ItemLine { number: some(), ..line.line },
                ..line
            });
            Body::DecisionRecorded(DecisionRecorded { requester_email: text(), lines: lines.collect(), ..body })
        }
        Body::LateAnswer(body) => {
            Body::LateAnswer(LateAnswer { requester_email: text(), lines: lines(body.lines), ..body })
        }
        Body::AnswerReceipt(body) => {
            Body::AnswerReceipt(AnswerReceipt { requester_email: text(), lines: lines(body.lines) })
        }
        Body::TaskNotice(mut body) => {
            body.tasks.iter_mut().for_each(|task| (task.subject, task.detail) = (some(), text()));
            Body::TaskNotice(body)
        }
        Body::ReviewWarning(mut body) => {
            body.items.iter_mut().for_each(|item| item.number = some());
            Body::ReviewWarning(crate::domain::letter::ReviewWarning { requester_email: text(), ..body })
        }
        Body::Escalation(mut body) => {
            body.asked.iter_mut().for_each(|person| person.email = text());
            Body::Escalation(Escalation { requester_email: text(), lines: lines(body.lines), ..body })
        }
    };
    // The first half differs in what is overwritten here.
    let known = samples::letters().into_iter().skip(samples::bodies().len() * Language::ALL.len());
    known
        .map(|letter| Letter {
            body: filled(letter.body),
            to_name: some(),
            thread: letter.thread.map(|_| Thread { message_id: some(), subject: text() }),
            ..letter
        })
        .collect()
}

fn asking(body: ApprovalRequest, trick: &str) -> Box<ApprovalRequest> {
    let some = || Some(trick.to_owned());
    let items = body.items.into_iter().map(|item| crate::domain::letter::AskedItem {
        contract_number: trick.to_owned(),
        holder: trick.to_owned(),
        service_level: some(),
        also_in: some(),
        ..item
    });
    Box::new(ApprovalRequest {
        items: items.collect(),
        sender_email: trick.to_owned(),
        sender_name: some(),
        requester_email: trick.to_owned(),
        requester_name: some(),
        requester_company: some(),
        approver_email: some(),
        approver_name: some(),
        approver_company: some(),
        reason: some(),
        your_words: some(),
        ..body
    })
}

/// The tags of a page and their attributes' names, in order.
fn skeleton(page: &str) -> std::collections::BTreeSet<String> {
    use html5gum::{Token, Tokenizer};
    let mut found = std::collections::BTreeSet::new();
    for Ok(token) in Tokenizer::new(page) {
        if let Token::StartTag(tag) = token {
            let name = String::from_utf8_lossy(&tag.name).into_owned();
            let attributes: Vec<String> =
                tag.attributes.keys().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            found.insert(format!("{name} {}", attributes.join(" ")));
        }
    }
    found
}

#[test]
fn no_words_of_a_stranger_are_markup_a_header_or_a_part_in_any_letter() {
    for language in Language::ALL {
        let known: std::collections::BTreeSet<String> = samples::letters()
            .iter()
            .filter(|letter| letter.language == *language)
            .flat_map(|letter| skeleton(&html(&render(&desk(), letter))))
            .collect();
        for trick in TRICKS {
            for letter in letters_holding(trick).iter().filter(|letter| letter.language == *language) {
                let rendered = render(&desk(), letter);
                let mail = parsed(&rendered);
                let name = letter.body.name();
                assert_eq!(mail.parts.len(), 3, "{name} {trick}");
                assert_eq!(mail.to().unwrap().iter().count(), 1, "{name} {trick}");
                assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("kei.mori@haruka.example"));
                assert_eq!((header(&rendered, "Bcc"), header(&rendered, "Cc")), (None, None), "{name} {trick}");
                let page = html(&rendered);
                let strange: Vec<String> = skeleton(&page).difference(&known).cloned().collect();
                assert!(strange.is_empty(), "{name} {trick}: {strange:?}");
                assert!(!page.contains(['\u{202e}', '\u{202c}', '\u{2028}', '\u{2029}', '\r']), "{name} {trick}");
                let asks = matches!(letter.key, Key::Asks(_));
                assert_eq!(page.matches("href=\"mailto:entitlement%2B").count(), if asks { 3 } else { 0 });
            }
        }
    }
}

#[test]
fn what_a_stranger_wrote_has_nothing_to_click_in_html_either() {
    let name = repeated("Sam https://evil.example/login www.evil.example pay@evil.example", false);
    let body = Body::Receipt(Receipt { about: name });
    let page = html(&render(&desk(), &Letter { body, ..sample("receipt", Language::English) }));
    assert!(page.contains("evil. example") && !page.contains("evil.example"), "{page}");
    assert!(!page.contains("https:&#x2f;&#x2f;evil") && !page.contains("https://"), "{page}");
}

#[test]
fn the_address_of_a_mobile_carrier_that_is_no_dot_atom_stays_one_recipient() {
    for address in ["a..b.@docomo.ne.jp", ".a@docomo.ne.jp", "a.-_?/+@docomo.ne.jp"] {
        let to = EmailAddress::parse(address).unwrap();
        let rendered = render(&desk(), &Letter { to, ..sample("status", Language::Japanese) });
        let to = header(&rendered, "To").unwrap();
        assert!(to.ends_with("@docomo.ne.jp>") && to.matches('@').count() == 1, "{to}");
        assert_eq!(parsed(&rendered).to().unwrap().iter().count(), 1);
    }
}
