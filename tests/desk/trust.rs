//! Whom to believe: a token and an aligned From are two facts, and nothing else decides (rules T1 to T9).

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, english_request};
use crate::world::World;

const WAITS: &[&str] = &["pending_administrator_review"];

/// A desk whose one approval is open, and the letter that asks.
async fn asked() -> (World, Letter) {
    asked_of(World::new().await).await
}

async fn asked_of(mut world: World) -> (World, Letter) {
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    (world, asking)
}

/// The reason for which the only request's latest answer did not count.
async fn last_sentence(world: &World) -> String {
    let request = world.request().await;
    world.timeline(&request.reference).await.pop().unwrap()
}

#[tokio::test]
async fn t1_an_answer_without_a_token_and_without_alignment_changes_nothing_and_gets_no_letter() {
    let (mut world, asking) = asked().await;
    let forged = Mail::from("Ann Lake <ann@redwood.example>")
        .verified(Verified::No)
        .subject(&format!("Re: {}", asking.subject))
        .body("I approve.");
    world.works(forged.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    world.no_letters();
    assert!(last_sentence(&world).await.contains("bears no token"));
}

#[tokio::test]
async fn t3_a_token_from_an_unaligned_address_is_confirmed_once_at_the_registered_address() {
    let (mut world, asking) = asked().await;
    world.works(Mail::reply(&asking, "Approved.").verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    let confirmation = world.letter_to("ann@redwood.example");
    assert_eq!(confirmation.name, "approval_confirmation");
    // Its answer is judged by the same policy: a second unaligned one ends at a person.
    world.works(Mail::reply(&confirmation, "Approved.").verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.tasks().await, [TaskCause::AnswerNotConfirmed]);
    world.read_all();
    world.works(Mail::reply(&confirmation, "Approved.").again().bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn t3_an_aligned_administrator_without_a_token_gets_a_confirmation() {
    let (mut world, asking) = asked().await;
    let bare =
        Mail::from("Ann Lake <ann@redwood.example>").subject(&format!("Re: {}", asking.subject)).body("I approve.");
    world.works(bare.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    let confirmation = world.letter_to("ann@redwood.example");
    assert_eq!(confirmation.name, "approval_confirmation");
    world.works(Mail::reply(&confirmation, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn t1_a_reply_to_address_is_never_an_identity() {
    let (mut world, asking) = asked().await;
    let mail = Mail::from("Mallory <mallory@attacker.example>")
        .subject(&format!("Re: {}", asking.subject))
        .header("Reply-To: ann@redwood.example")
        .body("I approve.");
    world.works(mail.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    let letters = world.read_all();
    assert!(letters.iter().all(|letter| letter.to != "ann@redwood.example"), "{letters:?}");
}

#[tokio::test]
async fn t4_a_living_token_from_another_address_decides_nothing_and_opens_one_task() {
    let (mut world, asking) = asked().await;
    let reply = String::from_utf8(Mail::reply(&asking, "Approved.").bytes()).unwrap();
    let other = reply.replace("From: ann@redwood.example", "From: bob@redwood.example");
    assert_ne!(reply, other);
    world.works(&other).await;
    world.works(other.replace("Approved.", "Approved!")).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.tasks().await, [TaskCause::AnswerFromAnother]);
    let letters = world.read_all();
    assert!(letters.iter().all(|letter| letter.name == "task_notice"), "{letters:?}");
}

#[tokio::test]
async fn t2_a_desk_whose_mail_never_leaves_its_server_may_take_the_token_alone() {
    let world = World::builder().with("trust = { ", "trust = { alignment = \"not_required\", ").build().await;
    let (mut world, asking) = asked_of(world).await;
    world.works(Mail::reply(&asking, "Approved.").verified(Verified::No).bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn t7_a_verdict_under_the_pinned_id_that_stands_below_the_server_s_own_counts_for_nothing() {
    let (mut world, asking) = asked().await;
    let reply = Mail::reply(&asking, "Approved.").verified(Verified::No);
    let reply = reply.header("Authentication-Results: mx.vendor.example; dmarc=pass header.from=redwood.example");
    world.works(reply.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.letter_to("ann@redwood.example").name, "approval_confirmation");
}

#[tokio::test]
async fn t8_each_of_the_three_places_of_the_token_suffices() {
    for keep in ["To: ", "In-Reply-To: ", "> Ref: "] {
        let (mut world, asking) = asked().await;
        let reply = String::from_utf8(Mail::reply(&asking, "Approved.").bytes()).unwrap();
        let address = asking.reply_to.clone().unwrap();
        let thinned: String = reply
            .lines()
            .filter(|line| !line.starts_with("References: "))
            .filter(|line| keep == "In-Reply-To: " || !line.starts_with("In-Reply-To: "))
            .filter(|line| keep == "> Ref: " || !line.starts_with("> Ref: "))
            // The mailto links of the quoted letter bear the reply address.
            .map(|line| if keep == "To: " { line.to_owned() } else { line.replace(&address, "desk@vendor.example") })
            .map(|line| format!("{line}\r\n"))
            .collect();
        world.works(thinned).await;
        assert_eq!(world.standings().await, ["approved"], "only {keep}");
        world.read_all();
    }
}

#[tokio::test]
async fn t9_each_letter_that_asks_has_tokens_of_its_own_and_a_spent_one_decides_nothing_more() {
    let (mut world, asking) = asked().await;
    world.at("2026-11-25T10:30");
    world.settle().await;
    let reminder = world.letter_to("ann@redwood.example");
    assert_eq!(reminder.name, "approval_reminder");
    assert_ne!(reminder.message_id, asking.message_id);
    assert_ne!(reminder.reply_to, asking.reply_to);
    world.works(Mail::reply(&asking, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"], "the first letter's token still holds");
    world.read_all();
    world.works(Mail::reply(&reminder, "Denied.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn h3_a_request_that_fails_its_domain_s_own_policy_becomes_a_task_and_gets_no_letter() {
    let mut world = World::new().await;
    world.works(english_request("90002001").verified(Verified::DmarcFail).bytes()).await;
    assert!(world.requests().await.is_empty());
    assert_eq!(world.tasks().await, [TaskCause::DmarcFail]);
    assert_eq!(world.letter_to("ito@vendor.example").name, "task_notice");
}

#[tokio::test]
async fn r1_an_automatic_reply_that_bears_the_token_is_no_answer() {
    let (mut world, asking) = asked().await;
    let away = Mail::reply(&asking, "I approve of holidays. Back on Monday.").header("Auto-Submitted: auto-replied");
    world.works(away.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.taken_as().await, "auto_reply");
    world.no_letters();
}

#[tokio::test]
async fn t1_a_forward_of_the_letter_carries_no_authority() {
    let (mut world, asking) = asked().await;
    let mail = Mail::from("Ann Lake <ann@redwood.example>").subject(&format!("Fwd: {}", asking.subject)).body(&format!(
        "\r\n---------- Forwarded message ---------\r\nFrom: Support Desk <desk@vendor.example>\r\nSubject: {}\r\n\r\n{}\r\nI approve.\r\n",
        asking.subject, asking.text
    ));
    world.works(mail.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
}

#[tokio::test]
async fn a3_an_unverified_sender_has_at_most_five_unanswered_approvals_and_the_rest_leaves_the_next_day() {
    let mut world = World::new().await;
    for n in 0..6 {
        let mail = english_request("90002001").verified(Verified::No);
        let other = String::from_utf8(mail.bytes())
            .unwrap()
            .replace("sam@operator.example", &format!("sam{n}@operator.example"));
        world.works(other.replace("Message-ID: <", &format!("Message-ID: <{n}."))).await;
    }
    let asked = world.read_all().into_iter().filter(|letter| letter.name == "approval_request").count();
    assert_eq!(asked, 5);
    assert!(world.tasks().await.contains(&TaskCause::OverLimit));
    world.at("2026-11-25T09:00");
    world.settle().await;
    let later = world.read_all().into_iter().filter(|letter| letter.name == "approval_request").count();
    assert_eq!(later, 1);
}
