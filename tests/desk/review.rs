//! The desk decides: consent of the approver, then a reviewer; each word of a reviewer gives one clearance (section 3).

use ringi::domain::ids::ItemNo;
use ringi::domain::input::{Act, ReviewAct, Seen};
use ringi::domain::request::Decider;
use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, japanese_request};
use crate::world::{World, standing};

const COLLEAGUE: &str = "林 純 <hayashi@hibari.example>";

/// For the contract that the desk administers, by a colleague of the approver.
fn by_a_colleague() -> Mail {
    japanese_request("90004001").written_by(COLLEAGUE)
}

async fn act(world: &World, act: Act) -> ReviewAct {
    let request = world.request().await;
    let seen = Seen::all(&request);
    let reference = request.reference;
    ReviewAct { reference, act, items: Vec::new(), seen, reviewer: "ito".to_owned(), comment: None, overrides: false }
}

/// The letter of that name among those not read yet; all are read then.
fn only(world: &mut World, name: &str) -> Letter {
    let all = world.read_all();
    let names: Vec<String> = all.iter().map(|letter| format!("{} to {}", letter.name, letter.to)).collect();
    let mut found: Vec<Letter> = all.into_iter().filter(|letter| letter.name == name).collect();
    assert_eq!(found.len(), 1, "{name} among {names:?}");
    found.remove(0)
}

#[tokio::test]
async fn the_approver_consents_and_a_reviewer_grants() {
    let mut world = World::new().await;
    world.works(by_a_colleague().bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / consent_required"]);
    let asked = world.letter_to("ando@hibari.example");
    assert_eq!(asked.name, "approval_request");
    assert!(asked.text.contains("登録に同意されるか"), "{}", asked.text);
    assert_eq!(world.letter_to("hayashi@hibari.example").name, "status");

    world.works(Mail::reply(&asked, "同意します。承認いたします。").bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting final)"]);
    let recorded = world.letter_to("ando@hibari.example");
    assert!(recorded.name == "decision_recorded" && recorded.text.contains("当窓口で判断します"), "{}", recorded.text);
    let told = world.letter_to("hayashi@hibari.example");
    // Two hours of business after ten.
    assert!(told.name == "status" && told.text.contains("12:00"), "{}", told.text);
    assert_eq!(world.tasks().await, [TaskCause::FinalReview]);
    let notice = world.letter_to("ito@vendor.example");
    assert!(notice.text.contains("--item 1 --as NAME"), "{}", notice.text);

    let approve = act(&world, Act::Approve).await;
    let said = world.reviews(approve).await;
    assert_eq!(said, ["Item 1 (90004001) is approved."]);
    let request = world.request().await;
    assert_eq!(request.items[0].standing.decided_by(), Some(&Decider::Reviewer("ito".into())));
    assert_eq!(world.tasks().await, [], "the review's task is settled with it");
    let names: Vec<(String, String)> = world.read_all().into_iter().map(|letter| (letter.name, letter.to)).collect();
    let to = |name: &str, to: &str| (name.to_owned(), to.to_owned());
    assert_eq!(names, [to("approved", "hayashi@hibari.example"), to("approved", "mori@operator.example")]);
}

#[tokio::test]
async fn who_is_the_approver_and_writes_verified_has_consented_by_writing() {
    let mut world = World::new().await;
    world.works(japanese_request("90004001").bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting final)"]);
    world.read_all();
}

#[tokio::test]
async fn a_forged_mail_of_the_approver_is_no_consent() {
    let mut world = World::new().await;
    world.works(japanese_request("90004001").verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / consent_required"]);
    let refused = act(&world, Act::Approve).await;
    let said = world.reviews(refused).await;
    assert_eq!(said, ["Item 1 (90004001) waits for the consent of ando@hibari.example, for which nothing stands in."]);
    let overriding = ReviewAct { overrides: true, comment: Some("urgent".into()), ..act(&world, Act::Approve).await };
    world.reviews(overriding).await;
    assert_eq!(world.standings().await, ["pending_further_action / consent_required"], "an override is no consent");
    world.read_all();
}

#[tokio::test]
async fn a_refused_consent_denies() {
    let mut world = World::new().await;
    world.works(by_a_colleague().bytes()).await;
    let asked = only(&mut world, "approval_request");
    world.works(Mail::reply(&asked, "同意できません。却下します。").bytes()).await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    let told = world.letter_to("hayashi@hibari.example");
    assert!(!told.text.contains("安藤"), "H2: not the decider's name: {}", told.text);
    world.read_all();
}

#[tokio::test]
async fn t1_nobody_but_the_approver_consents() {
    let mut world = World::new().await;
    world.works(by_a_colleague().bytes()).await;
    let asked = only(&mut world, "approval_request");
    world.works(Mail::reply(&asked, "承認します。").written_by(COLLEAGUE).bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / consent_required"]);
    assert_eq!(world.tasks().await, [TaskCause::AnswerFromAnother]);
    world.read_all();
}

#[tokio::test]
async fn a_reviewer_s_word_on_entitlement_gives_that_clearance_alone_and_administrators_are_still_asked() {
    let mut world = World::builder()
        .contract("90006001,株式会社ひばり工業,,,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Lee Park <lee@partner.example>")
        .build()
        .await;
    world.works(japanese_request("90006001").bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting entitlement)"]);
    world.read_all();
    let overriding = ReviewAct { overrides: true, ..act(&world, Act::Approve).await };
    let said = world.reviews(overriding).await;
    assert!(said[0].contains("--override stands in for silent or missing administrators alone"), "{said:?}");
    let approve = act(&world, Act::Approve).await;
    world.reviews(approve).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    assert_eq!(world.tasks().await, []);
    let asked = world.letter_to("lee@partner.example");
    assert_eq!(asked.name, "approval_request");
    assert_eq!(world.letter_to("ando@hibari.example").name, "status");
    world.works(Mail::reply(&asked, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn without_administrators_the_approver_must_consent_before_a_reviewer_can_end_it() {
    let mut world = World::builder()
        .contract("90007001,株式会社ひばり工業,,hibari.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,mori@operator.example")
        .build()
        .await;
    world.works(japanese_request("90007001").written_by(COLLEAGUE).bytes()).await;
    assert_eq!(
        world.standings().await,
        ["pending_vendor_review / no_administrator (awaiting no_administrator)"],
        "V5: the requester is the only administrator"
    );
    world.read_all();
    let approve = act(&world, Act::Approve).await;
    world.reviews(approve).await;
    assert_eq!(world.standings().await, ["pending_further_action / consent_required"]);
    let asked = only(&mut world, "approval_request");
    assert_eq!(asked.to, "ando@hibari.example");
    world.works(Mail::reply(&asked, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting final)"]);
    world.read_all();
    let approve = act(&world, Act::Approve).await;
    world.reviews(approve).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn an_override_stands_in_for_administrators_once_they_were_silent_and_not_before() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    world.read_all();
    let overriding =
        ReviewAct { overrides: true, comment: Some("電話で確認".into()), ..act(&world, Act::Approve).await };
    let said = world.reviews(overriding.clone()).await;
    assert!(said[0].contains("waits for the answer of ") && said[0].contains("3 business days"), "{said:?}");
    assert_eq!(world.standings().await, ["pending_administrator_review"]);

    world.at("2026-11-27T10:01");
    world.settle().await;
    world.read_all();
    // The verified sender is the approver: the consent is there.
    world.reviews(overriding).await;
    assert_eq!(world.standings().await, ["approved"]);
    let reference = world.request().await.reference;
    let timeline = world.timeline(&reference).await;
    assert!(timeline.iter().any(|entry| entry.contains("(override): 電話で確認")), "{timeline:?}");
    world.read_all();
}

#[tokio::test]
async fn a_reviewer_denies_and_the_comment_stays_inside() {
    let mut world = World::new().await;
    world.works(japanese_request("90004001").bytes()).await;
    world.read_all();
    let deny = ReviewAct { comment: Some("別の契約で対応".into()), ..act(&world, Act::Deny).await };
    world.reviews(deny).await;
    assert_eq!(world.standings().await, ["denied / declined"]);
    assert_eq!(world.tasks().await, []);
    let told = world.letter_to("ando@hibari.example");
    assert!(!told.text.contains("別の契約で対応") && !told.text.contains("ito"), "{}", told.text);
}

#[tokio::test]
async fn a_cancelled_request_tells_its_sender_and_withdraws_what_has_not_left() {
    let mut world = World::new().await;
    world.works(japanese_request("90001001").bytes()).await;
    let asked = only(&mut world, "approval_request");
    let cancel = act(&world, Act::Cancel).await;
    world.reviews(cancel).await;
    assert_eq!(world.standings().await, ["cancelled"]);
    assert_eq!(world.letter_to("ando@hibari.example").name, "status");
    world.works(Mail::reply(&asked, "承認します。").bytes()).await;
    assert_eq!(world.standings().await, ["cancelled"], "V6: a late answer changes nothing");
    assert_eq!(world.letter_to("ando@hibari.example").name, "late_answer");
}

#[tokio::test]
async fn nobody_who_is_no_reviewer_decides_and_one_item_that_cannot_be_followed_holds_up_the_act() {
    let mut world = World::new().await;
    world.works(japanese_request("90004001、90001001").bytes()).await;
    world.read_all();
    let stranger = ReviewAct { reviewer: "mallory".into(), ..act(&world, Act::Approve).await };
    assert!(world.reviews(stranger).await[0].contains("\"mallory\" is no reviewer"));
    let both = ReviewAct { items: vec![ItemNo(1), ItemNo(2)], ..act(&world, Act::Approve).await };
    let said = world.reviews(both).await;
    assert!(said.len() == 1 && said[0].starts_with("Item 2 (90001001) waits for the answer of"), "{said:?}");
    let request = world.request().await;
    let standings: Vec<String> = request.items.iter().map(standing).collect();
    assert_eq!(standings, ["pending_vendor_review (awaiting final)", "pending_administrator_review"]);
}

#[tokio::test]
async fn the_reviewers_are_warned_before_the_promised_time_and_told_after_it() {
    let mut world = World::new().await;
    world.works(japanese_request("90004001").bytes()).await;
    world.read_all();
    world.at("2026-11-24T11:29");
    world.settle().await;
    world.no_letters();
    world.at("2026-11-24T11:30");
    world.settle().await;
    let warning = world.letter_to("ito@vendor.example");
    assert!(warning.name == "review_warning" && warning.text.contains("12:00"), "{}", warning.text);
    world.at("2026-11-24T12:00");
    world.settle().await;
    assert_eq!(world.tasks().await, [TaskCause::FinalReview, TaskCause::PromiseMissed]);
    assert_eq!(world.letter_to("ito@vendor.example").name, "task_notice");
    let approve = act(&world, Act::Approve).await;
    world.reviews(approve).await;
    assert_eq!(world.tasks().await, []);
    world.read_all();
}

#[tokio::test]
async fn v3_what_a_token_alone_brings_to_a_request_is_no_consent_of_its_verified_sender() {
    let mut world = World::new().await;
    let incomplete = japanese_request("90004001").with("登録希望ユーザのメールアドレス：mori@operator.example\r\n", "");
    world.works(incomplete.bytes()).await;
    let asks = only(&mut world, "missing_information");
    // Whoever has the letter, in the name of the sender: the token continues the request.
    let forged = Mail::reply(&asks, "登録希望ユーザのメールアドレス：mallory@evil.example").verified(Verified::No);
    world.works(forged.bytes()).await;
    assert_eq!(world.standings().await, ["pending_further_action / consent_required"]);
    let asked = only(&mut world, "approval_request");
    assert_eq!(asked.to, "ando@hibari.example");
    assert!(asked.text.contains("確認できていません"), "the letter says that nobody is verified: {}", asked.text);
}

#[tokio::test]
async fn an_approval_given_twice_gives_one_clearance() {
    let mut world = World::builder()
        .contract("90008001,株式会社ひばり工業,,,,,standard,2024-04-01,2024-04-01,2036-03-31,,desk,")
        .build()
        .await;
    world.works(japanese_request("90008001").bytes()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting entitlement)"]);
    let approve = act(&world, Act::Approve).await;
    world.reviews(approve.clone()).await;
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting final)"]);
    let said = world.reviews(approve).await;
    assert!(said[0].contains("it waits for the clearance final now"), "{said:?}");
    assert_eq!(world.standings().await, ["pending_vendor_review (awaiting final)"]);
    world.read_all();
}
