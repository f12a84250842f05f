//! Attacks with tokens and references: a token in other hands, at another place, of another approval, or none at all.

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, english_request, japanese_request};
use crate::world::{World, standing};

const WAITS: &str = "pending_administrator_review";

/// A mail as its text.
fn text(mail: &Mail) -> String {
    String::from_utf8(mail.bytes()).unwrap()
}

/// The token in a letter's reply address.
fn token(letter: &Letter) -> String {
    let address = letter.reply_to.clone().unwrap();
    address.split_once('+').unwrap().1.split_once('@').unwrap().0.to_owned()
}

/// The letter that asks this person.
fn asking(letters: &[Letter], to: &str) -> Letter {
    letters.iter().find(|letter| letter.name == "approval_request" && letter.to == to).unwrap().clone()
}

/// Sam's request about Redwood's contract, and the letter that asks Ann.
async fn asked() -> (World, Letter) {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let letter = asking(&world.read_all(), "ann@redwood.example");
    (world, letter)
}

/// A second request of the same sender, for another account.
fn for_joe() -> Vec<u8> {
    let body = text(&english_request("90002001")).split_once("\r\n\r\n").unwrap().1.replace("sam@", "joe@");
    english_request("90002001").body(&body).bytes()
}

/// Nothing is decided: every item waits, nobody voted, nothing was granted, and no letter says so to anybody outside.
async fn nothing_decided(world: &mut World, letters: &[&str]) {
    for request in world.requests().await {
        for item in &request.items {
            assert_eq!(standing(item), WAITS);
            assert!(item.votes.is_empty());
        }
        let timeline = world.timeline(&request.reference).await;
        assert!(!timeline.iter().any(|sentence| sentence.starts_with("Access ")), "{timeline:?}");
    }
    let told: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
    let outside: Vec<&String> = told.iter().filter(|name| *name != "task_notice").collect();
    assert_eq!(outside, letters);
}

/// Somewhere in the timelines stands why.
async fn because(world: &World, words: &str) {
    let mut all = Vec::new();
    for request in world.requests().await {
        all.extend(world.timeline(&request.reference).await);
    }
    assert!(all.iter().any(|sentence| sentence.contains(words)), "{words}: {all:?}");
}

#[tokio::test]
async fn t1_a_token_is_bound_to_its_request_whatever_the_mail_says_of_another() {
    let (mut world, sam) = asked().await;
    world.works(for_joe()).await;
    let joe = asking(&world.read_all(), "ann@redwood.example");
    // Sam's token under Joe's subject and Joe's reference line without a token: it moves Sam's item alone.
    let reference = joe.subject.split('[').nth(1).unwrap().split(']').next().unwrap().to_owned();
    let mail = Mail::from("ann@redwood.example")
        .to(sam.reply_to.as_deref().unwrap())
        .subject(&format!("Re: {}", joe.subject))
        .body(&format!("Approved.\r\n\r\n> Ref: {reference}\r\n"));
    world.works(mail.bytes()).await;
    let standings: Vec<String> = world.requests().await.iter().map(|request| standing(&request.items[0])).collect();
    assert_eq!(standings, ["approved", WAITS]);
    world.read_all();
}

#[tokio::test]
async fn t9_a_spent_token_decides_nothing_in_its_own_request_nor_in_the_next() {
    let (mut world, sam) = asked().await;
    world.works(Mail::reply(&sam, "Denied.").bytes()).await;
    world.works(for_joe()).await;
    world.read_all();
    world.works(Mail::reply(&sam, "Approved.").bytes()).await;
    let standings: Vec<String> = world.requests().await.iter().map(|request| standing(&request.items[0])).collect();
    assert_eq!(standings, ["denied / declined", WAITS]);
    let told: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
    assert!(!told.contains(&"approved".to_owned()), "{told:?}");
    because(&world, "after nothing waited").await;
}

#[tokio::test]
async fn t8_a_token_counts_only_at_the_places_where_ours_stand() {
    let (mut world, letter) = asked().await;
    let token = token(&letter);
    let reference = world.request().await.reference.to_string();
    let (subject, plain) = (format!("Re: [{reference}] {token}"), "Approved.");
    let mail = || Mail::from("ann@redwood.example").verified(Verified::No);
    let carriers = [
        mail().subject(&subject).body(plain),
        mail().body(&format!("Approved. {token}")),
        mail().body(&format!("Approved.\r\n\r\nmy reference is {reference} {token}, please use it")),
        mail().header(&format!("X-Token: {token}")).body(plain),
        mail().header(&format!("Reply-To: desk+{token}@vendor.example")).body(plain),
        mail().header(&format!("Sender: desk+{token}@vendor.example")).body(plain),
        mail().header(&format!("Bcc: desk+{token}@vendor.example")).body(plain),
        mail().header(&format!("Resent-To: desk+{token}@vendor.example")).body(plain),
        mail().header(&format!("In-Reply-To: {token}")).body(plain),
        mail().to(&format!("\"desk+{token}@vendor.example\" <desk@vendor.example>")).body(plain),
        mail().to(&format!("desk+{}@vendor.example", token.get(..25).unwrap())).body(plain),
        mail().to(&format!("desk+{token}a@vendor.example")).body(plain),
    ];
    for carrier in carriers {
        world.works(carrier.bytes()).await;
        let request = world.request().await;
        assert_eq!(
            (standing(&request.items[0]).as_str(), request.items[0].votes.len()),
            (WAITS, 0),
            "{}",
            text(&carrier)
        );
        // Unverified and without a token: at most a receipt, never a confirmation.
        for letter in world.read_all() {
            assert!(["task_notice", "receipt"].contains(&letter.name.as_str()), "{}: {}", letter.name, text(&carrier));
        }
    }
}

#[tokio::test]
async fn t1_a_colleague_to_whom_the_letter_was_forwarded_answers_in_vain() {
    let (mut world, letter) = asked().await;
    // The whole letter, token and all; the colleague is verified and of the holder's domain, Ann stands in Cc.
    for (n, colleague) in
        ["bob@redwood.example", "ann.lake@redwood.example", "ann@mail.redwood.example"].iter().enumerate()
    {
        let forwarded =
            text(&Mail::reply(&letter, &format!("Approved for Ann. {n}")).header("Cc: ann@redwood.example"))
                .replacen("From: ann@redwood.example", &format!("From: {colleague}"), 1)
                .replacen(
                    "header.from=redwood.example",
                    &format!("header.from={}", colleague.split_once('@').unwrap().1),
                    1,
                );
        world.works(forwarded).await;
    }
    nothing_decided(&mut world, &[]).await;
    assert_eq!(world.tasks().await, [TaskCause::AnswerFromAnother], "one task for each approval");
    because(&world, "comes from another address").await;
}

#[tokio::test]
async fn t1_an_answer_by_somebody_else_with_the_administrator_in_copy_is_nothing() {
    let (mut world, letter) = asked().await;
    let mail = Mail::from("bob@redwood.example")
        .header("Cc: Ann Lake <ann@redwood.example>")
        .subject(&format!("Re: {}", letter.subject))
        .body("Ann approves.");
    world.works(mail.bytes()).await;
    nothing_decided(&mut world, &["receipt"]).await;
}

#[tokio::test]
async fn t3_a_bare_reference_of_an_unverified_administrator_is_nothing_and_of_a_verified_one_a_confirmation() {
    let (mut world, letter) = asked().await;
    let bare = |verified| {
        Mail::from("ann@redwood.example")
            .verified(verified)
            .subject(&format!("Re: {}", letter.subject))
            .body("Approved.")
            .bytes()
    };
    world.works(bare(Verified::No)).await;
    nothing_decided(&mut world, &[]).await;
    because(&world, "bears no token").await;
    world.works(bare(Verified::DmarcFail)).await;
    nothing_decided(&mut world, &[]).await;
    world
        .works(Mail::from("ann@redwood.example").subject(&format!("Re: {}", letter.subject)).body("I approve.").bytes())
        .await;
    nothing_decided(&mut world, &["approval_confirmation"]).await;
    // One for each approval and person, however often.
    for n in 0..3 {
        let again = Mail::from("ann@redwood.example")
            .subject(&format!("Re: {}", letter.subject))
            .body(&format!("Approved! {n}"));
        world.works(again.bytes()).await;
    }
    nothing_decided(&mut world, &[]).await;
    assert!(world.tasks().await.contains(&TaskCause::AnswerNotConfirmed));
}

#[tokio::test]
async fn h3_an_answer_that_fails_its_domain_s_policy_is_confirmed_once_and_decides_nothing() {
    let (mut world, letter) = asked().await;
    world.works(Mail::reply(&letter, "Approved.").verified(Verified::DmarcFail).bytes()).await;
    nothing_decided(&mut world, &["approval_confirmation"]).await;
    because(&world, "Not counted: dmarc=fail").await;
    world.works(Mail::reply(&letter, "Approved, really.").verified(Verified::DmarcFail).bytes()).await;
    nothing_decided(&mut world, &[]).await;
    assert_eq!(world.tasks().await, [TaskCause::AnswerNotConfirmed]);
}

#[tokio::test]
async fn h3_missing_items_in_a_mail_that_fails_its_domain_s_policy_are_not_taken() {
    let mut world = World::new().await;
    let whole = text(&english_request("90002001"));
    let body = whole.split_once("\r\n\r\n").unwrap().1;
    let lacking: String = body.split_inclusive("\r\n").filter(|line| !line.starts_with("Reason")).collect();
    world.works(english_request("90002001").body(&lacking).bytes()).await;
    let question = world.letter_to("ann@redwood.example");
    assert_eq!(question.name, "missing_information");
    for (verified, words, told) in [
        (Verified::DmarcFail, "they run our network", &["task_notice"][..]),
        // V3: the question goes once more to the address that it was asked of, and once only.
        (Verified::No, "they run it", &["missing_information"]),
        (Verified::No, "they run it all", &[]),
    ] {
        let given = Mail::from("ann@redwood.example")
            .verified(verified)
            .subject(&format!("Re: {}", question.subject))
            .body(&format!("Reason: {words}\r\n"));
        world.works(given.bytes()).await;
        assert_eq!(world.standings().await, ["pending_further_action / missing_information"]);
        assert!(world.request().await.reason.is_none());
        let letters: Vec<String> = world.read_all().into_iter().map(|letter| letter.name).collect();
        assert!(letters.iter().all(|name| told.contains(&name.as_str()) || name == "task_notice"), "{letters:?}");
    }
    assert!(world.tasks().await.contains(&TaskCause::DmarcFail));
    because(&world, "is neither verified").await;
}

#[tokio::test]
async fn r1_an_automatic_reply_in_any_guise_decides_nothing_though_it_bears_the_token() {
    let (mut world, letter) = asked().await;
    let guises = [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "X-Auto-Response-Suppress: All\r\nAuto-Submitted: auto-generated",
        "Precedence: auto_reply",
    ];
    for (n, guise) in guises.iter().enumerate() {
        world.works(Mail::reply(&letter, &format!("Approved. {n}")).header(guise).bytes()).await;
    }
    nothing_decided(&mut world, &[]).await;
    assert!(world.tasks().await.is_empty());
}

#[tokio::test]
async fn our_own_letter_that_comes_back_is_nobody_s_answer() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let letter = asking(&world.read_all(), "ann@redwood.example");
    let own = format!(
        "From: Support Desk <desk@vendor.example>\r\nTo: desk@vendor.example\r\nSubject: {}\r\nMessage-ID: <{}>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0900\r\n\r\n{}",
        letter.subject, letter.message_id, letter.text
    );
    world.works(&own).await;
    assert_eq!(world.taken_as().await, "own");
    // In somebody's name it is her mail, and asks for nothing new.
    let reflected = own.replace("Support Desk <desk@vendor.example>", "ann@redwood.example");
    world.works(reflected).await;
    assert_eq!(world.requests().await.len(), 1);
    for request in world.requests().await {
        assert_eq!((standing(&request.items[0]).as_str(), request.items[0].votes.len()), (WAITS, 0));
    }
    assert!(world.read_all().iter().all(|letter| !letter.name.starts_with("approved")));
}

#[tokio::test]
async fn r1_a_verdict_in_quote_signature_disclaimer_or_old_thread_decides_nothing() {
    for below in [
        "> 承認します。\r\n",
        "-- \r\nAnn Lake\r\nApproved vendor of the year\r\n",
        "\r\n-----Original Message-----\r\nFrom: Bob <bob@redwood.example>\r\nSent: Monday\r\nTo: Ann\r\nSubject: x\r\n\r\nApproved.\r\n",
        "\r\n________________________________\r\nThis e-mail was scanned and approved by our mail gateway. It is confidential.\r\n",
        "On Mon, Nov 23, 2026 at 9:00 Bob <bob@redwood.example> wrote:\r\n> I approve.\r\n",
    ] {
        let (mut world, letter) = asked().await;
        let mail = Mail::from("ann@redwood.example")
            .to(letter.reply_to.as_deref().unwrap())
            .subject(&format!("Re: {}", letter.subject))
            .body(below);
        world.works(mail.bytes()).await;
        assert_eq!(world.standings().await, [WAITS], "{below}");
        nothing_decided(&mut world, &["approval_again"]).await;
    }
}

#[tokio::test]
async fn r4_a_letter_of_ours_quoted_in_a_new_request_decides_nothing_and_leaves_the_token_alone() {
    let (mut world, letter) = asked().await;
    let quote: String = letter.text.lines().map(|line| format!("> {line}\r\n")).collect();
    let body = text(&english_request("90002001")).split_once("\r\n\r\n").unwrap().1.replace("sam@", "joe@");
    let mail =
        english_request("90002001").body(&format!("{body}\r\nThe last letter that I had of you:\r\n\r\n{quote}"));
    world.works(mail.bytes()).await;
    // Its words read as both; then a person decides what it is.
    nothing_decided(&mut world, &["answer_receipt"]).await;
    assert_eq!(world.tasks().await, [TaskCause::AnswerAndRequest]);
    world.works(Mail::reply(&letter, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"], "the token still holds");
    world.read_all();
}

#[tokio::test]
async fn c2_a_forged_bounce_expires_and_denies_nothing_and_grants_nobody() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    for to in ["lee@partner.example", "ando@hibari.example"] {
        let letter = asking(&letters, to);
        // Whoever knows the Message-ID, as each reader of the letter does, can write such a report.
        world.works(crate::delivery::report(&letter, &letter.message_id, "failed")).await;
    }
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert_eq!(world.tasks().await, [TaskCause::NoAdministrator]);
    let lee = asking(&letters, "lee@partner.example");
    let other = Letter { to: "ando@hibari.example".to_owned(), ..lee };
    world.works(crate::delivery::report(&other, &other.message_id, "failed")).await;
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    assert!(world.request().await.items[0].votes.is_empty());
    world.read_all();
    // Long after, it still waits for the desk: no clock of theirs ends it.
    world.days_pass(30);
    world.settle().await;
    assert_eq!(world.standings().await, ["pending_vendor_review / no_administrator (awaiting no_administrator)"]);
    world.read_all();
}
