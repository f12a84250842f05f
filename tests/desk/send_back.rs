//! Sent back for correction, and what comes again (rules V2, V3, V4, H2).

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, japanese_request};
use crate::world::World;

const SENT_BACK: &[&str] = &["pending_further_action / sent_back"];
const WAITS: &[&str] = &["pending_administrator_review"];

/// Lee has sent the request of Ando back; the letter to Ando, and Ando's and Lee's letters that asked.
async fn sent_back_with(words: &str) -> (World, Letter, Letter, Letter) {
    // Ando asks and is asked: more letters than one person usually gets about one request.
    let calm = "language = \"en\"\npolicy = { letters = { per_request_recipient_and_day = 0 } }\n";
    let mut world = World::builder().with("language = \"en\"\n", calm).build().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let asking = |to: &str| letters.iter().find(|l| l.name == "approval_request" && l.to == to).unwrap().clone();
    let (lee, ando) = (asking("lee@partner.example"), asking("ando@hibari.example"));
    world.works(Mail::reply(&lee, words).bytes()).await;
    assert_eq!(world.standings().await, SENT_BACK);
    assert_eq!(world.letter_to("lee@partner.example").name, "decision_recorded");
    let letter = world.letter_to("ando@hibari.example");
    assert_eq!(letter.name, "sent_back");
    (world, letter, lee, ando)
}

async fn sent_back() -> (World, Letter, Letter, Letter) {
    sent_back_with("差戻しします。会社名を正式名称に訂正してください。詳しくは http://partner.example/list を参照。\r\n\r\nLee Park").await
}

/// The form of the letter with one line put otherwise, as it comes back between quote marks.
fn corrected(letter: &Letter, label: &str, value: &str) -> Letter {
    let lines = letter.text.lines().map(|line| match line.starts_with(&format!("{label}:")) {
        true => format!("{label}: {value}\n"),
        false => format!("{line}\n"),
    });
    Letter { text: lines.collect(), ..letter.clone() }
}

fn approval_letters(letters: &[Letter]) -> Vec<&Letter> {
    letters.iter().filter(|letter| letter.name == "approval_request").collect()
}

#[tokio::test]
async fn h2_one_send_back_settles_and_its_comment_is_passed_on_without_the_name() {
    let (world, letter, lee, _) = sent_back().await;
    assert!(
        lee.text.replace(['\n', '\r', ' '], "").contains("依頼した方にお伝えします"),
        "the approval letter says that the comment is passed on"
    );
    assert!(letter.text.contains("会社名を正式名称に訂正してください"), "{}", letter.text);
    assert!(!letter.text.contains("Lee") && !letter.text.contains("lee@partner.example"), "{}", letter.text);
    assert!(!letter.text.contains("http://partner.example"), "nothing to click: {}", letter.text);
    // The form is filled with what is known.
    for known in ["90001002", "mori@operator.example", "オペレータ株式会社", "保守を委託しているため"]
    {
        assert!(letter.text.contains(known), "{known}");
    }
    assert!(world.tasks().await.is_empty());
}

#[tokio::test]
async fn v2_a_corrected_request_voids_what_was_said_and_is_asked_anew_of_everybody() {
    let (mut world, letter, lee, ando) = sent_back().await;
    let form = corrected(&letter, "理由", "保守を全面的に委託しているため");
    world.works(Mail::reply(&form, "訂正しました。よろしくお願いいたします。").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.requests().await.len(), 1, "the same request goes on");
    let letters = world.read_all();
    let fresh = approval_letters(&letters);
    assert_eq!(fresh.len(), 2, "Lee and Ando");
    assert!(fresh.iter().all(|letter| letter.text.contains("保守を全面的に委託")));
    // The letters from before decide nothing.
    world.works(Mail::reply(&lee, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    let again = world.letter_to("lee@partner.example");
    assert_eq!(again.name, "approval_again");
    world.works(Mail::reply(&ando, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
    world.works(Mail::reply(&again, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn v2_a_correction_may_name_another_account_and_the_grant_is_that_account_s() {
    let (mut world, letter, ..) = sent_back().await;
    let form = corrected(&letter, "登録希望ユーザのメールアドレス", "hayashi@operator.example");
    world.works(Mail::reply(&form, "ユーザを訂正しました。").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.requests().await.len(), 1);
    let letters = world.read_all();
    let lee = approval_letters(&letters).into_iter().find(|letter| letter.to == "lee@partner.example").unwrap();
    assert!(lee.text.contains("hayashi@operator.example") && !lee.text.contains("mori@operator.example"));
    world.works(Mail::reply(lee, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    let told: Vec<String> = world.read_all().into_iter().map(|letter| letter.to).collect();
    assert!(
        told.contains(&"hayashi@operator.example".to_owned()) && !told.contains(&"mori@operator.example".to_owned())
    );
}

#[tokio::test]
async fn v2_where_nothing_is_to_be_changed_the_sender_s_words_go_to_the_administrators() {
    let (mut world, letter, ..) = sent_back().await;
    world.works(Mail::reply(&letter, "再申請します。会社名は登記のとおりです。").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    let letters = world.read_all();
    let lee = approval_letters(&letters).into_iter().find(|letter| letter.to == "lee@partner.example").unwrap();
    assert!(lee.text.contains("会社名は登記のとおりです"), "{}", lee.text);
    world.works(Mail::reply(lee, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn v3_a_correction_counts_with_our_token_or_verified_and_else_the_letter_goes_once_more() {
    let (mut world, letter, ..) = sent_back().await;
    let bare = Mail::from("安藤 直子 <ando@hibari.example>")
        .subject(&format!("Re: {}", letter.subject))
        .verified(Verified::No)
        .body("訂正します。\r\n登録希望ユーザのメールアドレス：mallory@attacker.example\r\n登録希望ユーザの会社名：悪意株式会社\r\n");
    world.works(bare.bytes()).await;
    assert_eq!(world.standings().await, SENT_BACK);
    let again = world.letter_to("ando@hibari.example");
    assert_eq!(again.name, "sent_back");
    assert!(!again.text.contains("mallory") && !again.text.contains("悪意"), "{}", again.text);
    assert!(again.text.contains("会社名を正式名称に訂正してください"), "the comment is in it again");
    world.works(bare.again().bytes()).await;
    assert_eq!(world.standings().await, SENT_BACK);
    assert_eq!(world.tasks().await, [TaskCause::NotWorked]);
    world.read_all();
    let form = corrected(&again, "理由", "保守を全面的に委託しているため");
    world.works(Mail::reply(&form, "訂正しました。").verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
}

#[tokio::test]
async fn t1_a_stranger_with_the_sender_s_token_corrects_nothing() {
    let (mut world, letter, ..) = sent_back().await;
    let form = corrected(&letter, "登録希望ユーザのメールアドレス", "mallory@attacker.example");
    let reply = String::from_utf8(Mail::reply(&form, "訂正しました。").bytes()).unwrap();
    world.works(reply.replace("From: ando@hibari.example", "From: mallory@attacker.example")).await;
    let first = world.requests().await.remove(0);
    assert_eq!(crate::world::standing(&first.items[0]), SENT_BACK[0]);
    assert_eq!(first.requester.email.unwrap().as_str(), "mori@operator.example");
    world.read_all();
}

#[tokio::test]
async fn v6_who_answers_after_somebody_else_has_sent_back_is_told_and_changes_nothing() {
    let (mut world, _, _, ando) = sent_back().await;
    world.works(Mail::reply(&ando, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, SENT_BACK);
    assert_eq!(world.letter_to("ando@hibari.example").name, "late_answer");
    assert!(world.tasks().await.is_empty());
}

#[tokio::test]
async fn a_question_about_a_send_back_changes_nothing_and_goes_to_a_person() {
    let (mut world, letter, ..) = sent_back().await;
    world.works(Mail::reply(&letter, "どこを直せばよいのでしょうか。").bytes()).await;
    assert_eq!(world.standings().await, SENT_BACK);
    assert_eq!(world.tasks().await, [TaskCause::NotWorked]);
    world.read_all();
}
