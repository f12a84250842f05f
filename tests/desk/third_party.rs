//! The main path: a request, the administrators asked, their answer, everybody told.

use ringi::domain::request::Decider;
use ringi::domain::task::TaskCause;

use crate::mails::{Mail, english_request, japanese_request};
use crate::world::World;

#[tokio::test]
async fn a_request_is_asked_of_the_administrator_and_approved_by_a_reply_in_japanese() {
    let mut world = World::new().await;
    world.works(japanese_request("90001001").bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    // Sender and administrator are one person here: the status letter and the approval letter both go there.
    let mut letters = world.read_all();
    letters.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<(&str, &str)> = letters.iter().map(|l| (l.name.as_str(), l.to.as_str())).collect();
    assert_eq!(names, [("approval_request", "ando@hibari.example"), ("status", "ando@hibari.example")]);
    world.works(Mail::reply(&letters[0], "承認します。よろしくお願いいたします。").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    let to_requester = world.letter_to("mori@operator.example");
    assert!(to_requester.name == "approved" && to_requester.text.contains("90001001"));
    world.read_all();
}

#[tokio::test]
async fn a1_each_administrator_gets_one_letter_that_names_all_items_waiting_on_that_person() {
    let mut world = World::new().await;
    let request = japanese_request("90001001、90001002");
    world.works(request.bytes()).await;
    let letters = world.read_all();
    let asking: Vec<_> = letters.iter().filter(|letter| letter.name == "approval_request").collect();
    assert_eq!(asking.len(), 2);
    let to_ando = asking.iter().find(|letter| letter.to == "ando@hibari.example").unwrap();
    assert!(to_ando.text.contains("90001001") && to_ando.text.contains("90001002"));
    let to_lee = asking.iter().find(|letter| letter.to == "lee@partner.example").unwrap();
    assert!(!to_lee.text.contains("90001001") && to_lee.text.contains("90001002"));
    // The account's address comes before everything else that is said of the request.
    assert!(to_lee.text.find("mori@operator.example") < to_lee.text.find("ando@hibari.example"));
}

#[tokio::test]
async fn an_english_request_is_approved_and_the_requester_hears_first_then() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let letters = world.read_all();
    assert!(letters.iter().all(|letter| letter.to == "ann@redwood.example"), "the requester hears nothing yet (H1)");
    let asking = letters.iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(Mail::reply(asking, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    let request = world.request().await;
    assert!(
        matches!(request.items[0].standing.decided_by(), Some(Decider::Person(by)) if by.as_str() == "ann@redwood.example")
    );
    let to_requester = world.letter_to("sam@operator.example");
    assert_eq!(to_requester.name, "approved");
    let rest: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
    assert_eq!(rest, ["approved", "decision_recorded"]);
}

#[tokio::test]
async fn h2_a_denial_reaches_the_sender_alone_without_the_comment_and_without_the_name() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let asking = letters.iter().find(|letter| letter.to == "lee@partner.example").unwrap();
    world.works(Mail::reply(asking, "却下します。予算の都合のためです。").bytes()).await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    let told = world.letter_to("ando@hibari.example");
    assert_eq!(told.name, "status");
    assert!(!told.text.contains("予算") && !told.text.contains("lee@partner.example") && !told.text.contains("Lee"));
    assert_eq!(world.letter_to("lee@partner.example").name, "decision_recorded");
}

#[tokio::test]
async fn v6_who_is_not_needed_any_more_gets_no_mail_and_a_late_answer_is_told_the_outcome() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let asking = |to: &str| letters.iter().find(|l| l.name == "approval_request" && l.to == to).unwrap().clone();
    world.works(Mail::reply(&asking("lee@partner.example"), "Approved").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
    world.works(Mail::reply(&asking("ando@hibari.example"), "却下").bytes()).await;
    assert_eq!(world.standings().await, ["approved"], "a late answer changes nothing");
    assert_eq!(world.letter_to("ando@hibari.example").name, "late_answer");
}

#[tokio::test]
async fn v6_who_takes_an_approval_back_is_told_that_a_person_decides_and_an_urgent_task_is_opened() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(Mail::reply(&asking, "Approved.").bytes()).await;
    world.read_all();
    world.works(Mail::reply(&asking, "Denied. That was a mistake of mine.").again().bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    assert_eq!(world.tasks().await, [TaskCause::Revoke]);
    let letters = world.read_all();
    assert!(letters.iter().any(|letter| letter.name == "late_answer" && letter.to == "ann@redwood.example"));
    assert!(letters.iter().any(|letter| letter.name == "task_notice" && letter.to == "ito@vendor.example"));
}

#[tokio::test]
async fn r2_an_unclear_answer_is_asked_back_once_and_then_handed_to_a_person() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    world.works(Mail::reply(&asking, "Thanks, I will have a look.").bytes()).await;
    let again = world.letter_to("ann@redwood.example");
    assert_eq!(again.name, "approval_again");
    assert!(again.text.contains("I will have a look"), "the letter says how the answer was read");
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    world.works(Mail::reply(&again, "Hm, maybe.").bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    assert_eq!(world.tasks().await, [TaskCause::UnclearAnswer]);
    world.read_all();
    // T9: nothing was spent. A clear answer still decides.
    world.works(Mail::reply(&again, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn a_verdict_that_is_not_worked_yet_leaves_status_and_token_and_becomes_a_task() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.to == "lee@partner.example").unwrap();
    world.works(Mail::reply(&asking, "森さんは当社のどの案件のご担当でしょうか。").bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    assert_eq!(world.tasks().await, [TaskCause::VerdictNotWorked]);
    assert_eq!(world.letter_to("lee@partner.example").name, "answer_receipt");
    world.read_all();
    world.works(Mail::reply(&asking, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn r4_an_answer_that_asks_for_another_contract_as_well_decides_nothing() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    let both = "Approved.\r\n\r\nAlso, please register another one:\r\nContract number: 90001001\r\n\
                User's e-mail: eve@operator.example\r\nUser's name: Eve Moss\r\nUser's company: Operator Ltd.\r\n\
                Approver's e-mail: ann@redwood.example\r\nApprover's name: Ann Lake\r\nApprover's company: Redwood Foods Ltd.\r\n\
                Reason: they run our network";
    world.works(Mail::reply(&asking, both).bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    assert_eq!(world.tasks().await, [TaskCause::AnswerAndRequest]);
    world.read_all();
}

#[tokio::test]
async fn what_is_missing_is_named_in_a_form_that_is_filled_with_what_is_known() {
    let mut world = World::new().await;
    let mail = Mail::from("安藤 直子 <ando@hibari.example>").subject("登録依頼").body(
        "契約番号 90001001 を、運用会社のアカウントに第三者登録してください。\r\n\
         登録希望ユーザのメールアドレス：mori@operator.example\r\n登録希望ユーザの会社名：オペレータ株式会社\r\n理由：保守を委託しているため\r\n",
    );
    world.works(mail.bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / missing_information"]);
    let letter = world.letter_to("ando@hibari.example");
    assert_eq!(letter.name, "missing_information");
    assert!(letter.text.contains("90001001") && letter.text.contains("mori@operator.example"));
    assert!(letter.text.contains("承認者のメールアドレス"));
}

#[tokio::test]
async fn a_form_that_comes_back_whole_is_read_and_what_stands_below_it_is_no_value() {
    for (language, contract, person) in
        [("ja", "90001001", "安藤 直子 <ando@hibari.example>"), ("en", "90002001", "Ann Lake <ann@redwood.example>")]
    {
        let mut world = World::new().await;
        let mail = Mail::from(person).subject("登録").body(&match language {
            "ja" => format!("契約番号 {contract} を、運用会社のアカウントに第三者登録してください。\r\n"),
            _ => format!("Please register our contractor for third party access to contract {contract}.\r\n"),
        });
        world.works(mail.bytes()).await;
        let address = person.rsplit('<').next().unwrap().trim_end_matches('>');
        let mut letter = world.letter_to(address);
        assert_eq!(letter.name, "missing_information", "{}", letter.text);
        let company = if language == "ja" { "株式会社ひばり工業" } else { "Redwood Foods Ltd." };
        for (label, value) in [
            ("登録希望ユーザのメールアドレス:", "mori@operator.example"),
            ("登録希望ユーザの氏名:", "森 恵"),
            ("登録希望ユーザの会社名:", "オペレータ株式会社"),
            ("承認者のメールアドレス:", address),
            ("承認者の氏名:", "安藤 直子"),
            ("承認者の会社名:", company),
            ("User's e-mail:", "mori@operator.example"),
            ("User's name:", "Kei Mori"),
            ("User's company:", "Operator Ltd."),
            ("Approver's e-mail:", address),
            ("Approver's name:", "Ann Lake"),
            ("Approver's company:", company),
        ] {
            letter.text = letter
                .text
                .lines()
                .map(|line| if line == label { format!("{label} {value}\n") } else { format!("{line}\n") })
                .collect();
        }
        // The last line of the form is left empty.
        world
            .works(Mail::reply(&letter, if language == "ja" { "返信します。" } else { "Here you are." }).bytes())
            .await;
        let again = world.letter_to(address);
        assert_eq!(again.name, "missing_information", "{}", again.text);
        let (_, missing) =
            again.text.split_once(if language == "ja" { "不足している項目:" } else { "Missing:" }).unwrap();
        let missing: Vec<&str> = missing.lines().skip(1).take_while(|line| !line.is_empty()).collect();
        assert_eq!(missing, [if language == "ja" { "  ・理由" } else { "  - Reason" }], "{}", again.text);
        world.read_all();
    }
}

#[tokio::test]
async fn a_request_of_a_kind_that_is_not_worked_yet_becomes_a_task_with_a_neutral_receipt() {
    let mut world = World::new().await;
    let mail = Mail::from("Kei Ono <ono@hibari.example>").subject("Download access").body(
        "Please register this contract for software download only.\r\n\r\nContract number: 90001001\r\n\
         E-mail: ono@hibari.example\r\nName: Kei Ono\r\nCompany: Hibari Industries K.K.\r\n",
    );
    world.works(mail.bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting reading)"]);
    assert_eq!(world.tasks().await, [TaskCause::NotWorked]);
    assert_eq!(world.letter_to("ono@hibari.example").name, "receipt");
    assert_eq!(world.letter_to("ito@vendor.example").name, "task_notice");
}

#[tokio::test]
async fn v5_the_requester_never_decides_about_an_own_item() {
    let row = "90009001,Operator Ltd.,,operator.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Sam Poe <sam@operator.example>";
    let mut world = World::builder().contract(row).build().await;
    let mail = english_request("90009001");
    let text = String::from_utf8(mail.bytes()).unwrap().replace("ann@redwood.example", "boss@operator.example");
    world
        .works(text.replace("Redwood Foods Ltd.", "Operator Ltd.").replace("redwood.example", "operator.example"))
        .await;
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert_eq!(world.tasks().await, [TaskCause::NoAdministrator]);
    world.read_all();
}
