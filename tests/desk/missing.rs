//! What is missing is asked for with a form; what comes back continues the request.

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, Verified};
use crate::world::World;

const JAPANESE: &str = "契約番号 90001001 を、運用会社のアカウントに第三者登録してください。\r\n\
    登録希望ユーザのメールアドレス：mori@operator.example\r\n登録希望ユーザの会社名：オペレータ株式会社\r\n\
    理由：保守を委託しているため\r\n";

const ENGLISH: &str = "Please register our contractor as a third party on our contract.\r\n\r\n\
    Contract number: 90002001\r\nUser's e-mail: sam@operator.example\r\nUser's company: Operator Ltd.\r\n\
    Reason: they run our network\r\n";

fn incomplete(language: &str) -> Mail {
    match language {
        "ja" => Mail::from("安藤 直子 <ando@hibari.example>").subject("登録依頼").body(JAPANESE),
        _ => Mail::from("Ann Lake <ann@redwood.example>").subject("Registration").body(ENGLISH),
    }
}

/// The form's lines in a letter, with what was missing filled in.
fn filled_in(letter: &Letter, answers: &[(&str, &str)]) -> String {
    let fill = |line: &str| {
        let empty = answers.iter().find(|(label, _)| line.trim_end() == format!("{label}:"));
        empty.map_or_else(|| line.to_owned(), |(label, value)| format!("{label}: {value}"))
    };
    letter.text.lines().map(|line| format!("{}\r\n", fill(line))).collect()
}

const IN_JAPANESE: &[(&str, &str)] = &[
    ("承認者のメールアドレス", "ando@hibari.example"),
    ("承認者の氏名", "安藤 直子"),
    ("承認者の会社名", "株式会社ひばり工業"),
    ("登録希望ユーザの氏名", "森 一郎"),
];

const IN_ENGLISH: &[(&str, &str)] = &[
    ("Approver's e-mail", "ann@redwood.example"),
    ("Approver's name", "Ann Lake"),
    ("Approver's company", "Redwood Foods Ltd."),
    ("User's name", "Sam Poe"),
];

/// A desk that has asked for what is missing, and its letter.
async fn asked(language: &str) -> (World, Letter) {
    let mut world = World::new().await;
    let mail = incomplete(language);
    world.works(mail.bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / missing_information"], "{language}");
    let letter = world.read_all().remove(0);
    assert_eq!(letter.name, "missing_information");
    (world, letter)
}

#[tokio::test]
async fn our_own_form_filled_in_between_the_quote_marks_continues_the_request() {
    for (language, answers) in [("ja", IN_JAPANESE), ("en", IN_ENGLISH)] {
        let (mut world, letter) = asked(language).await;
        let filled = Letter { text: filled_in(&letter, answers), ..letter };
        let greeting = if language == "ja" {
            "記入しました。よろしくお願いいたします。"
        } else {
            "Hello, filled in below."
        };
        world.works(Mail::reply(&filled, greeting).bytes()).await;
        assert_eq!(world.standings().await, ["pending_administrator_review"], "{language}: the same request goes on");
        let request = world.request().await;
        assert_eq!(request.requester.email.unwrap().as_str().split('@').next_back(), Some("operator.example"));
        assert_eq!(request.approver.name.unwrap(), answers[1].1);
        let names: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
        assert!(names.contains(&"approval_request".to_owned()), "{names:?}");
    }
}

#[tokio::test]
async fn our_own_form_filled_in_where_a_mail_program_quotes_the_html_continues_the_request() {
    for program in ["outlook", "gmail", "apple"] {
        for (language, answers) in [("ja", IN_JAPANESE), ("en", IN_ENGLISH)] {
            let (mut world, letter) = asked(language).await;
            let mut page = letter.html.clone().unwrap();
            for (label, value) in answers {
                let empty = format!(">{}: </div>", label.replace('\'', "&#x27;"));
                assert!(page.contains(&empty), "{empty}: {page}");
                page = page.replace(&empty, &format!(">{label}: {value}</div>"));
            }
            let filled = Letter { html: Some(page), ..letter };
            world.works(crate::html_quotes::quoting(&filled, "Hello,", program).bytes()).await;
            assert_eq!(world.standings().await, ["pending_administrator_review"], "{program} {language}");
            assert_eq!(world.request().await.approver.name.unwrap(), answers[1].1);
            world.read_all();
        }
    }
}

#[tokio::test]
async fn the_missing_lines_alone_on_top_of_the_letter_continue_the_request() {
    for (language, answers) in [("ja", IN_JAPANESE), ("en", IN_ENGLISH)] {
        let (mut world, letter) = asked(language).await;
        let lines: String = answers.iter().map(|(label, value)| format!("{label}: {value}\r\n")).collect();
        world.works(Mail::reply(&letter, &lines).bytes()).await;
        assert_eq!(world.standings().await, ["pending_administrator_review"], "{language}");
        world.read_all();
    }
}

#[tokio::test]
async fn what_is_still_missing_is_asked_for_again_in_the_same_request() {
    let (mut world, letter) = asked("en").await;
    world.works(Mail::reply(&letter, "Approver's e-mail: ann@redwood.example\r\n").bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / missing_information"]);
    let again = world.letter_to("ann@redwood.example");
    assert_eq!(again.name, "missing_information");
    assert!(again.text.contains("Approver's e-mail: ann@redwood.example") && again.text.contains("Approver's name:"));
}

#[tokio::test]
async fn v3_somebody_else_or_an_unverified_mail_adds_nothing_to_a_request() {
    let (mut world, letter) = asked("en").await;
    let lines: String = IN_ENGLISH.iter().map(|(label, value)| format!("{label}: {value}\r\n")).collect();
    let bare = |from: &str| Mail::from(from).subject(&format!("Re: {}", letter.subject)).body(&lines);
    world.works(bare("Ann Lake <ann@redwood.example>").verified(Verified::No).bytes()).await;
    world.works(bare("Mallory <mallory@attacker.example>").bytes()).await;
    let mallory = String::from_utf8(Mail::reply(&letter, &lines).bytes()).unwrap();
    let stolen = mallory.replace("ann@redwood.example\r\nTo:", "mallory@attacker.example\r\nTo:");
    assert_ne!(mallory, stolen);
    world.works(stolen).await;
    let first = world.requests().await.remove(0);
    assert_eq!(crate::world::standing(&first.items[0]), "pending_further_action / missing_information");
    assert!(first.approver.email.is_none());
    world.read_all();
}

#[tokio::test]
async fn v3_our_token_suffices_where_the_sender_is_not_verified() {
    let (mut world, letter) = asked("en").await;
    let lines: String = IN_ENGLISH.iter().map(|(label, value)| format!("{label}: {value}\r\n")).collect();
    world.works(Mail::reply(&letter, &lines).verified(Verified::DmarcFail).bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / missing_information"], "H3: maybe forged");
    world.works(Mail::reply(&letter, &lines).verified(Verified::No).again().bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    world.read_all();
}

#[tokio::test]
async fn v3_without_token_and_unverified_the_letter_goes_once_more_and_holds_nothing_of_the_mail() {
    let (mut world, letter) = asked("en").await;
    let bare = |lines: &str| {
        Mail::from("Ann Lake <ann@redwood.example>")
            .subject(&format!("Re: {}", letter.subject))
            .verified(Verified::No)
            .body(lines)
    };
    let lines = "Approver's e-mail: mallory@redwood.example\r\nApprover's name: Mallory Grey\r\n";
    world.works(bare(lines).bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / missing_information"]);
    let again = world.letter_to("ann@redwood.example");
    assert_eq!(again.name, "missing_information");
    assert!(!again.text.to_lowercase().contains("mallory"), "{}", again.text);
    assert_ne!(again.message_id, letter.message_id, "the tokens are fresh");
    // At most once: after that a person looks.
    world.works(bare(lines).again().bytes()).await;
    assert_eq!(world.tasks().await, [TaskCause::NotWorked]);
    assert!(world.read_all().iter().all(|letter| letter.name == "task_notice"));
    let lines: String = IN_ENGLISH.iter().map(|(label, value)| format!("{label}: {value}\r\n")).collect();
    world.works(Mail::reply(&again, &lines).verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    world.read_all();
}

#[tokio::test]
async fn t10_the_tokens_of_a_letter_to_the_sender_are_masked_where_it_is_shown() {
    let (world, letter) = asked("en").await;
    let token = letter.text.lines().rev().find(|line| line.starts_with("Ref: ")).unwrap().split(' ').nth(2).unwrap();
    assert_eq!(token.len(), 26, "the letter bears a token: {token}");
    let shown = world.store().letters(&Default::default(), 10).await.unwrap();
    assert!(shown.iter().all(|row| !row.shown_text.contains(token)));
}

#[tokio::test]
async fn a_request_for_another_contract_that_quotes_the_reference_is_a_request_of_its_own() {
    let (mut world, letter) = asked("en").await;
    let other = crate::mails::english_request("90001001").subject(&format!("Re: {}", letter.subject));
    world.works(other.bytes()).await;
    assert_eq!(world.requests().await.len(), 2);
    world.read_all();
}
