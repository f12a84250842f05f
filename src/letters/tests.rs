//! What letters must be like, whoever writes to the desk.

mod hostile;
mod html;
mod overrides;

use std::sync::LazyLock;

use mail_parser::{Message, MessageParser};

use super::samples;
use super::*;
use crate::domain::address::EmailAddress;
use crate::domain::entropy::{Seeded, Token};
use crate::domain::letter::{ApprovalRequest, Body, Key, Receipt, Thread};
use crate::domain::words::Language;

fn now() -> DateTime<Utc> {
    "2026-11-20T01:20:30Z".parse().unwrap()
}

fn desk() -> Desk {
    samples::desk(true).unwrap()
}

fn sample(name: &str, language: Language) -> Letter {
    let (_, body) = samples::bodies().into_iter().find(|(known, _)| *known == name).unwrap();
    samples::letter(body, language).unwrap()
}

fn render(desk: &Desk, letter: &Letter) -> Rendered {
    static EMBEDDED: LazyLock<Templates> = LazyLock::new(Templates::embedded);
    let (rendered, fallback) = EMBEDDED.render(desk, letter, now()).unwrap();
    assert_eq!(fallback, None);
    rendered
}

fn parsed(rendered: &Rendered) -> Message<'_> {
    MessageParser::default().parse(&rendered.bytes).unwrap()
}

fn text(rendered: &Rendered) -> String {
    format!("{}\n", parsed(rendered).body_text(0).unwrap().replace("\r\n", "\n").trim_end_matches('\n'))
}

fn html(rendered: &Rendered) -> String {
    parsed(rendered).body_html(0).unwrap().replace("\r\n", "\n")
}

/// The header as it stands in the bytes, unfolded.
fn header(rendered: &Rendered, name: &str) -> Option<String> {
    let bytes = String::from_utf8(rendered.bytes.clone()).unwrap();
    let (head, _) = bytes.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ");
    let mut values = unfolded.lines().filter_map(|line| line.strip_prefix(&format!("{name}: ")));
    let value = values.next().map(str::to_owned);
    assert_eq!(values.next(), None, "{name} stands twice");
    value
}

/// The letter as its reader sees it.
fn as_read(rendered: &Rendered) -> String {
    let mail = parsed(rendered);
    let person = |address: Option<&mail_parser::Address<'_>>| {
        address.and_then(|address| address.first()).map(|one| match one.name() {
            Some(name) => format!("{name} <{}>", one.address().unwrap()),
            None => one.address().unwrap().to_owned(),
        })
    };
    let mut out = format!(
        "From: {}\nTo: {}\nSubject: {}\n",
        person(mail.from()).unwrap(),
        person(mail.to()).unwrap(),
        mail.subject().unwrap()
    );
    if let Some(reply_to) = person(mail.reply_to()) {
        out.push_str(&format!("Reply-To: {reply_to}\n"));
    }
    out.push_str(&format!("Message-ID: {}\n\n{}", mail.message_id().unwrap(), text(rendered)));
    out
}

#[test]
fn every_letter_reads_well_in_every_language() {
    let shown = [
        "receipt",
        "status",
        "status_declined",
        "status_expired",
        "status_further_action",
        "status_reviewing",
        "status_cancelled",
        "status_mixed",
        "status_all",
        "missing_information",
        "sent_back",
        "sent_back_without_comment",
        "cannot_confirm",
        "approved",
        "approved_to_requester",
        "approval_request",
        "approval_request_unverified",
        "approval_request_consent",
        "approval_request_consent_and_decision",
        "approval_reminder",
        "approval_again",
        "approval_again_changed",
        "approval_again_taken_back",
        "approval_request_resubmitted",
        "approval_confirmation",
        "decision_recorded",
        "decision_recorded_denied",
        "decision_recorded_consent",
        "decision_recorded_sent_back",
        "decision_recorded_open",
        "decision_recorded_mixed",
        "late_answer",
        "late_answer_withdrawal",
        "answer_receipt",
        "task_notice",
        "task_notice_all",
        "escalation",
        "review_warning",
    ];
    for name in shown {
        for language in Language::ALL {
            let rendered = render(&desk(), &sample(name, *language));
            insta::assert_snapshot!(format!("{name}.{language}"), as_read(&rendered));
            let page = html(&rendered);
            // The sheet itself is looked at once.
            let written = if name == "receipt" { &page } else { page.split_once("<tr><td class=\"text\"").unwrap().1 };
            insta::assert_snapshot!(format!("{name}.{language}.html"), written);
        }
    }
}

#[test]
fn every_body_has_its_templates_and_a_sample_and_no_template_is_left_over() {
    let mut expected: Vec<String> = Body::NAMES
        .iter()
        .flat_map(|name| Language::ALL.iter().map(move |language| (name, language)))
        .flat_map(|(name, language)| ["html", "subject", "txt"].map(|part| file_name(name, *language, part)))
        .collect();
    let known: Vec<&str> = Templates::files().map(|(name, _)| name).collect();
    expected.extend(known.iter().filter(|name| name.starts_with("mail/_")).map(|name| (*name).to_owned()));
    expected.sort();
    let mut files: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
    files.sort();
    assert_eq!(files, expected);
    for name in Body::NAMES {
        assert!(samples::bodies().iter().any(|(_, body)| body.name() == *name), "{name} has no sample");
    }
    assert_eq!(samples::letters().len(), 2 * samples::bodies().len() * Language::ALL.len());
}

#[test]
fn the_embedded_templates_pass_their_own_rehearsal() {
    assert_eq!(Templates::embedded().rehearse(), []);
}

#[test]
fn no_line_is_too_wide_to_be_read() {
    for letter in samples::letters() {
        for line in render(&desk(), &letter).shown_text.lines() {
            let columns: usize = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            assert!(columns <= 78, "{} {}: {line}", letter.body.name(), letter.language);
        }
    }
}

#[test]
fn t8_a_letter_that_asks_carries_three_different_tokens_and_its_subject_none() {
    let letter = sample("approval_request", Language::English);
    let Key::Asks(secrets) = &letter.key else { unreachable!() };
    let rendered = render(&desk(), &letter);
    let (reply, id, line) =
        (secrets.reply_address.expose(), secrets.message_id.expose(), secrets.reference_line.expose());
    assert_eq!(header(&rendered, "Message-ID").unwrap(), format!("<RG-7K3M9Q.{id}@asterid.example>"));
    assert_eq!(rendered.message_id, format!("RG-7K3M9Q.{id}@asterid.example"));
    assert_eq!(header(&rendered, "Reply-To").unwrap(), format!("entitlement+{reply}@asterid.example"));
    assert_eq!(text(&rendered).lines().last().unwrap(), format!("Ref: RG-7K3M9Q {line}"));
    let subject = parsed(&rendered).subject().unwrap().to_owned();
    assert_eq!(subject, "Approval requested: access to a support contract [RG-7K3M9Q]");
    assert_eq!(subject, rendered.subject);
}

#[test]
fn t8_without_plus_addressing_answers_go_to_the_plain_address_and_the_links_carry_the_line() {
    let letter = sample("approval_request", Language::English);
    let Key::Asks(secrets) = &letter.key else { unreachable!() };
    let rendered = render(&samples::desk(false).unwrap(), &letter);
    assert_eq!(header(&rendered, "Reply-To"), None);
    let line = secrets.reference_line.expose();
    let link = format!(
        "\"mailto:entitlement@asterid.example?subject=Re%3A%20%5BRG-7K3M9Q%5D&amp;body=I%20approve.%0D%0A%0D%0ARef%3A%20RG-7K3M9Q%20{line}%0D%0A\""
    );
    assert!(html(&rendered).contains(&link), "{}", html(&rendered));
}

#[test]
fn t8_a_long_desk_address_leaves_no_room_for_a_token_and_gets_none() {
    let address = EmailAddress::parse(&format!("{}@asterid.example", "a".repeat(40))).unwrap();
    let rendered = render(&Desk { address, ..desk() }, &sample("approval_request", Language::English));
    assert_eq!(header(&rendered, "Reply-To"), None);
}

#[test]
fn t8_a_letter_that_tells_has_no_message_id_that_passes_for_a_token() {
    let tells = render(&desk(), &sample("status", Language::English));
    assert!(tells.message_id.starts_with("RG-7K3M9Q.k-"), "{}", tells.message_id);
    assert_eq!(text(&tells).lines().last(), Some("Ref: RG-7K3M9Q"));
    assert_eq!(header(&tells, "Reply-To"), None);
    let apart = render(&desk(), &sample("task_notice", Language::English));
    assert!(apart.message_id.starts_with("ringi."), "{}", apart.message_id);
    assert!(!text(&apart).contains("Ref:"));
}

#[test]
fn t10_what_may_be_shown_of_a_letter_holds_no_token() {
    for plus_addressing in [true, false] {
        for letter in samples::letters() {
            let rendered = render(&samples::desk(plus_addressing).unwrap(), &letter);
            let tokens = match &letter.key {
                Key::Asks(secrets) | Key::AsksSender(secrets) => {
                    vec![&secrets.reply_address, &secrets.message_id, &secrets.reference_line]
                }
                Key::Tells(token) => vec![token],
            };
            for token in tokens {
                assert!(!rendered.shown_text.contains(token.expose()), "{}", letter.body.name());
                assert!(!rendered.subject.contains(token.expose()), "{}", letter.body.name());
            }
        }
    }
    let shown = render(&desk(), &sample("approval_request", Language::Japanese)).shown_text;
    assert!(shown.ends_with("\nRef: RG-7K3M9Q …\n"), "{shown}");
}

#[test]
fn a2_a_letter_in_text_says_how_to_answer_in_words_and_holds_no_long_links() {
    for name in ["approval_request", "approval_reminder", "approval_again", "approval_confirmation"] {
        let japanese = text(&render(&desk(), &sample(name, Language::Japanese)));
        assert!(japanese.contains("最初の行に「承認」「却下」「差戻し」"), "{japanese}");
        let english = text(&render(&desk(), &sample(name, Language::English)));
        assert!(english.contains("with \"Approve\", \"Deny\" or \"Send back\""), "{english}");
        assert!(!japanese.contains("mailto:") && !english.contains("mailto:"));
    }
}

#[test]
fn the_headers_say_that_a_machine_wrote_and_into_which_thread() {
    let answers = render(&desk(), &sample("status", Language::Japanese));
    assert_eq!(header(&answers, "Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(header(&answers, "In-Reply-To").as_deref(), Some("<20261120.1015@mail.haruka.example>"));
    assert_eq!(header(&answers, "References").as_deref(), Some("<20261120.1015@mail.haruka.example>"));
    assert_eq!(header(&answers, "MIME-Version").as_deref(), Some("1.0"));
    assert_eq!(header(&answers, "Date").as_deref(), Some("Fri, 20 Nov 2026 01:20:30 +0000"));
    assert_eq!(header(&answers, DESK_HEADER).as_deref(), Some("asterid"));
    assert_eq!(header(&answers, LETTER_HEADER).as_deref(), Some("status"));
    assert_eq!(answers.subject, "Re: 契約登録のお願い(保守委託先) [RG-7K3M9Q]");
    let asks = render(&desk(), &sample("approval_request", Language::Japanese));
    assert_eq!(header(&asks, "Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(header(&asks, "In-Reply-To"), None);
}

#[test]
fn long_message_ids_stand_in_the_headers_as_they_are() {
    let answered = format!("{}@mail.haruka.example", "a1.".repeat(90));
    let thread = Some(Thread { message_id: Some(format!("<{answered}>")), subject: "Access".to_owned() });
    let address = EmailAddress::parse(&format!("desk@{}.example", "support-".repeat(7) + "asterid")).unwrap();
    let domain = address.domain();
    let desk = Desk { address, ..desk() };
    let rendered = render(&desk, &Letter { thread, ..sample("status", Language::English) });
    assert_eq!(header(&rendered, "References").unwrap().trim(), format!("<{answered}>"));
    assert_eq!(header(&rendered, "Message-ID").unwrap().trim(), format!("<{}>", rendered.message_id));
    assert!(rendered.message_id.ends_with(&format!("@{domain}")));
    let asks = render(&desk, &sample("approval_request", Language::English));
    assert!(header(&asks, "Reply-To").unwrap().trim().ends_with(&domain));
}

#[test]
fn c2_exchange_is_not_asked_to_keep_failed_delivery_to_itself() {
    let suppressed =
        header(&render(&desk(), &sample("status", Language::English)), "X-Auto-Response-Suppress").unwrap();
    let kinds: Vec<&str> = suppressed.split(", ").collect();
    assert!(kinds.contains(&"OOF") && !kinds.contains(&"NDR") && !kinds.contains(&"All"), "{suppressed}");
}

#[test]
fn the_same_letter_at_the_same_time_is_the_same_mail() {
    let letter = sample("approval_request", Language::Japanese);
    assert_eq!(render(&desk(), &letter).bytes, render(&desk(), &letter).bytes);
}

#[test]
fn any_signature_and_any_name_makes_a_mail() {
    for name in ["サポート窓口 (東京)", "Support \"Gold\" <desk>", "a, b; c@d", "\\", "株式会社①髙﨑㈱", "…"]
    {
        let mut desk = desk();
        desk.signature.english = name.to_owned();
        let letter = Letter { to_name: Some(name.to_owned()), ..sample("status", Language::English) };
        let rendered = render(&desk, &letter);
        let mail = parsed(&rendered);
        let from = mail.from().unwrap().first().unwrap();
        assert_eq!((from.name(), from.address()), (Some(name), Some("entitlement@asterid.example")));
        assert_eq!(mail.to().unwrap().iter().count(), 1);
    }
}

#[test]
fn a_request_for_thousands_of_contracts_and_a_notice_of_thousands_of_tasks_still_render() {
    let mut asks = sample("approval_request", Language::Japanese);
    let Body::ApprovalRequest(body) = &mut asks.body else { unreachable!() };
    body.items = body.items.iter().cycle().take(6000).cloned().collect();
    assert!(text(&render(&desk(), &asks)).contains("対象の契約(6000件)"));
    let mut form = sample("missing_information", Language::English);
    let Body::MissingInformation(body) = &mut form.body else { unreachable!() };
    body.known.contract_numbers = (92_000_000..92_005_000).map(|number: u32| number.to_string()).collect();
    assert!(text(&render(&desk(), &form)).contains(", 92004999\n"), "the form holds every number");
    let mut notice = sample("task_notice", Language::English);
    let Body::TaskNotice(body) = &mut notice.body else { unreachable!() };
    body.tasks = body.tasks.iter().cycle().take(6000).cloned().collect();
    assert!(text(&render(&desk(), &notice)).contains("And 5900 more."));
}

#[test]
fn a_letter_without_a_name_or_with_a_name_of_blanks_greets_all_the_same() {
    for to_name in [None, Some("\u{3000} ".to_owned())] {
        let letter = Letter { to_name, ..sample("status", Language::Japanese) };
        let rendered = render(&desk(), &letter);
        assert!(text(&rendered).starts_with("ご担当者 様\n"), "{}", text(&rendered));
        assert_eq!(header(&rendered, "To").as_deref(), Some("kei.mori@haruka.example"));
    }
}

#[test]
fn a_letter_without_a_subject_to_answer_has_its_own() {
    let thread = Some(Thread { message_id: None, subject: " Re: ".to_owned() });
    let rendered = render(&desk(), &Letter { thread, ..sample("status", Language::English) });
    assert_eq!(rendered.subject, "Where your request stands [RG-7K3M9Q]");
}

#[test]
fn a_clock_that_is_off_still_makes_a_date() {
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let letter = sample("status", Language::English);
        assert!(Templates::embedded().render(&desk(), &letter, now).is_ok());
    }
}

#[test]
fn a_letter_that_asks_without_a_request_is_refused() {
    let letter = Letter { reference: None, ..sample("approval_request", Language::English) };
    assert_eq!(Templates::embedded().render(&desk(), &letter, now()).err(), Some(RenderError::AsksWithoutReference));
}

#[test]
fn the_letter_that_confirms_nothing_is_the_same_whatever_the_cause() {
    // Its data holds nothing but the numbers as the mail gave them: it cannot differ by cause.
    let letter = sample("cannot_confirm", Language::English);
    let Body::CannotConfirm(crate::domain::letter::CannotConfirm { numbers: _ }) = &letter.body else { unreachable!() };
    let text = text(&render(&desk(), &letter)).to_lowercase();
    for word in ["denied", "approved", "expired", "inactive", "not found", "administrator"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn the_form_of_missing_items_has_the_labels_that_the_rules_read() {
    let form = |language, labels: &[&str]| {
        let text = text(&render(&desk(), &sample("missing_information", language)));
        let mut lines = text.lines();
        for label in labels {
            assert!(lines.any(|line| line.starts_with(&format!("{label}:"))), "{label} in order: {text}");
        }
        text
    };
    let japanese = [
        "契約番号",
        "登録希望ユーザのメールアドレス",
        "登録希望ユーザの氏名",
        "登録希望ユーザの会社名",
        "承認者のメールアドレス",
        "承認者の氏名",
        "承認者の会社名",
        "理由",
    ];
    let text = form(Language::Japanese, &japanese);
    assert!(text.contains("\n契約番号: 92168807, 92168815\n"), "{text}");
    let english = [
        "Contract numbers",
        "User's e-mail",
        "User's name",
        "User's company",
        "Approver's e-mail",
        "Approver's name",
        "Approver's company",
        "Reason",
    ];
    form(Language::English, &english);
}

#[test]
fn h2_no_letter_to_the_sender_names_who_decided() {
    for name in ["status_declined", "approved", "approved_to_requester"] {
        for language in Language::ALL {
            let text = text(&render(&desk(), &sample(name, *language)));
            assert!(!text.contains("aoi.tanaka") && !text.contains("jun.hayashi"), "{text}");
        }
    }
}

#[test]
fn a_token_is_masked_wherever_it_stands() {
    let token = Token::draw(&mut Seeded::new(7));
    let letter = Letter { key: Key::Tells(token.clone()), ..sample("receipt", Language::English) };
    let carriers = Carriers::of(&desk(), &letter).unwrap();
    let text = format!("a {0} b+{0}@c", token.expose());
    assert_eq!(carriers.mask(&text), "a … b+…@c");
}
