//! Attacks on approvals: what looks like the answer of somebody who was asked, and must not count as one.

use ringi::domain::task::TaskCause;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, english_request, japanese_request};
use crate::world::World;

const WAITS: &[&str] = &["pending_administrator_review"];
const PASS: &str = "Authentication-Results: mx.vendor.example; dmarc=pass header.from=redwood.example\r\n";

async fn asked() -> (World, Letter) {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    (world, asking)
}

/// A reply to the letter with some of its header put differently.
fn reply_with(letter: &Letter, words: &str, what: &str, otherwise: &str) -> String {
    let reply = String::from_utf8(Mail::reply(letter, words).bytes()).unwrap();
    assert!(reply.contains(what), "the reply has no {what:?}");
    reply.replacen(what, otherwise, 1)
}

#[tokio::test]
async fn t7_no_spelling_of_a_forged_verdict_counts() {
    let (mut world, asking) = asked().await;
    let long = "dkim=pass header.d=attacker.example header.b=abcdefgh; ".repeat(400);
    let forgeries = [
        // A comment, a quoted string, a reason: text, and no results.
        "Authentication-Results: mx.vendor.example; spf=pass (x; dmarc=pass header.from=redwood.example)\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example;\r\n spf=pass smtp.mailfrom=\"a; dmarc=pass header.from=redwood.example\"\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; dkim=fail reason=\"dmarc=pass header.from=redwood.example\" header.d=redwood.example\r\n".to_owned(),
        // Another server, a version that is none, a neighbour of the id.
        "Authentication-Results: mx.vendor.example.attacker.example; dmarc=pass header.from=redwood.example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example 1 2; dmarc=pass header.from=redwood.example\r\n".to_owned(),
        "Authentication-Results: attacker.example (mx.vendor.example); dmarc=pass header.from=redwood.example\r\n".to_owned(),
        // Results for somebody else: parent, child, attacker, two values.
        "Authentication-Results: mx.vendor.example; dmarc=pass header.from=example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; dmarc=pass header.from=mail.redwood.example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; dmarc=pass header.from=redwood.example header.from=attacker.example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; dkim=pass header.d=mail.redwood.example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; dkim=pass header.d=example header.i=@redwood.example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; dmarc=none; spf=pass smtp.mailfrom=redwood.example\r\n".to_owned(),
        // The server's own word, and below it another under the same id.
        format!("Authentication-Results: mx.vendor.example; dmarc=none header.from=redwood.example\r\n{PASS}"),
        // The server's own word is drowned; a pretty one stands below it.
        format!("Authentication-Results: mx.vendor.example; {long}dmarc=none header.from=redwood.example\r\n{PASS}"),
        // Somebody else's Received above it.
        format!("Received: from mx.vendor.example by mx.vendor.example\r\n{PASS}"),
        "X-Authentication-Results: x\r\nARC-Authentication-Results: i=1; mx.vendor.example; dmarc=pass header.from=redwood.example\r\n".to_owned(),
    ];
    for (n, forged) in forgeries.iter().enumerate() {
        world.works(reply_with(&asking, &format!("Approved. {n}"), PASS, forged)).await;
        assert_eq!(world.standings().await, WAITS, "{forged:.200}");
    }
    world.read_all();
}

#[tokio::test]
async fn t1_nobody_else_becomes_the_addressed_person_by_spelling() {
    let (mut world, asking) = asked().await;
    let of = |from: &str, n: usize| {
        let reply = reply_with(&asking, &format!("Approved. {n}"), "From: ann@redwood.example", from);
        // The server vouches for the attacker's own domain, and in vain.
        reply.replacen(
            PASS,
            "Authentication-Results: mx.vendor.example; dmarc=pass header.from=attacker.example\r\n",
            1,
        )
    };
    let word = data_encoding::BASE64.encode(b"ann@redwood.example");
    let spellings = [
        "From: \"ann@redwood.example\" <m@attacker.example>".to_owned(),
        format!("From: =?utf-8?B?{word}?= <m@attacker.example>"),
        format!("From: =?utf-8?B?{word}?="),
        "From: ann@redwood.example\r\nFrom: m@attacker.example".to_owned(),
        "From: m@attacker.example\r\nFrom: ann@redwood.example".to_owned(),
        "From: ann@redwood.example, m@attacker.example".to_owned(),
        "From: Team: ann@redwood.example;".to_owned(),
        "From: ann@redwood.example <m@attacker.example>".to_owned(),
        "From: <ann@redwood.example> <m@attacker.example>".to_owned(),
        "From: ann@redwood.example (<m@attacker.example>)".to_owned(),
        "From: \"ann@redwood.example\\\" <m@attacker.example>".to_owned(),
        "From: ann@redwood.example.attacker.example".to_owned(),
        "From: <@attacker.example:ann@redwood.example>".to_owned(),
        "From: ann@redw\u{043e}\u{043e}d.example".to_owned(),
        "From: ann@redwood.example\u{202e}@attacker.example".to_owned(),
        "Sender: ann@redwood.example\r\nFrom: m@attacker.example".to_owned(),
        "From : m@attacker.example\r\nReply-To: ann@redwood.example".to_owned(),
    ];
    for (n, from) in spellings.iter().enumerate() {
        world.works(of(from, n)).await;
        assert_eq!(world.standings().await, WAITS, "{from}");
    }
    world.read_all();
}

#[tokio::test]
async fn r1_what_is_not_newly_written_decides_nothing() {
    let (mut world, asking) = asked().await;
    // Each of them is asked back or confirmed, until the breaker of letters about one request trips.
    world.expect_warning("letters_held");
    let bodies = [
        ("", "> Approved.\r\n"),
        ("", "-- \r\nApproved.\r\n"),
        ("Content-Type: text/html; charset=utf-8", "<p style=\"display:none\">Approved.</p><p></p>"),
        ("Content-Type: text/html; charset=utf-8", "<!-- Approved. --><p>Hello</p>"),
        ("Content-Type: text/html; charset=utf-8", "<p style=\"color:#ffffff;font-size:0\">Approved.</p><p>Hello</p>"),
        ("Content-Type: text/html; charset=utf-8", "<p style=\"visibility: hidden\">Approved.</p>Hello"),
        ("Content-Type: text/html; charset=utf-8", "<img src=x alt=\"Approved.\">Hello"),
        ("", "On Tue, Nov 24, 2026 at 10:00 Desk <desk@vendor.example> wrote:\r\n> Approved.\r\n"),
        (
            "Content-Type: text/calendar; method=REPLY",
            "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nSUMMARY:Approved\r\nEND:VCALENDAR\r\n",
        ),
    ];
    for (n, (kind, body)) in bodies.iter().enumerate() {
        let mut mail = Mail::from("ann@redwood.example")
            .to(asking.reply_to.as_deref().unwrap())
            .subject(&format!("Re: {} {n} Approved", asking.subject))
            .body(body);
        if !kind.is_empty() {
            mail = mail.header(kind);
        }
        world.works(mail.bytes()).await;
        assert_eq!(world.standings().await, WAITS, "{kind} {body}");
    }
    world.read_all();
}

#[tokio::test]
async fn r2_two_alternatives_that_say_different_things_are_unclear() {
    let (mut world, asking) = asked().await;
    let both = |plain: &str, html: &str| {
        Mail::from("ann@redwood.example")
            .to(asking.reply_to.as_deref().unwrap())
            .subject("Re: access")
            .header("Content-Type: multipart/alternative; boundary=\"b\"")
            .body(&format!(
                "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
            ))
    };
    world.works(both("Approved.", "<p>Denied.</p>").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.letter_to("ann@redwood.example").name, "approval_again");
    world.works(both("Approved.", "<p>Approved.</p>").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn t8_reply_addresses_of_two_approvals_in_one_mail_are_unclear() {
    let (mut world, first) = asked().await;
    world
        .works(
            english_request("90002001")
                .again()
                .body(
                    &String::from_utf8(english_request("90002001").bytes())
                        .unwrap()
                        .split("\r\n\r\n")
                        .skip(1)
                        .collect::<Vec<_>>()
                        .join("\r\n\r\n")
                        .replace("sam@", "joe@"),
                )
                .bytes(),
        )
        .await;
    let second = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    let (one, two) = (first.reply_to.unwrap(), second.reply_to.unwrap());
    assert_ne!(one, two);
    let mail = Mail::from("ann@redwood.example")
        .to(&one)
        .header(&format!("Cc: {two}"))
        .subject("Re: access")
        .body("Approved.");
    world.works(mail.bytes()).await;
    for request in world.requests().await {
        assert_eq!(crate::world::standing(&request.items[0]), WAITS[0]);
    }
    world.read_all();
}

#[tokio::test]
async fn t8_the_token_of_one_approval_under_the_message_id_of_another_decides_neither() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let asking = |to: &str| letters.iter().find(|l| l.name == "approval_request" && l.to == to).unwrap().clone();
    let (lee, ando) = (asking("lee@partner.example"), asking("ando@hibari.example"));
    // Lee holds a token of Ando's letter; his own thread stands in In-Reply-To.
    let crossed = Mail::from("lee@partner.example")
        .to(lee.reply_to.as_deref().unwrap())
        .header(&format!("In-Reply-To: <{}>", ando.message_id))
        .subject("Re: x")
        .body("Approved.");
    world.works(crossed.bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    world.read_all();
}

#[tokio::test]
async fn v4_two_administrators_at_once_and_the_same_answer_twice_settle_once() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let asking = |to: &str| letters.iter().find(|l| l.name == "approval_request" && l.to == to).unwrap().clone();
    let (lee, ando) = (asking("lee@partner.example"), asking("ando@hibari.example"));
    world.receive(Mail::reply(&lee, "Approved.").bytes());
    world.receive(Mail::reply(&ando, "却下します。").bytes());
    world.receive(Mail::reply(&lee, "Approved.").again().bytes());
    world.receive(Mail::reply(&lee, "Approved.").bytes());
    world.settle().await;
    assert_eq!(world.standings().await, ["approved"]);
    let names: Vec<_> = world.read_all().into_iter().map(|letter| letter.name).collect();
    assert_eq!(names.iter().filter(|name| *name == "approved").count(), 2, "{names:?}");
    assert_eq!(names.iter().filter(|name| *name == "late_answer").count(), 2, "{names:?}");
}

#[tokio::test]
async fn v5_who_left_the_register_before_answering_decides_nothing() {
    let (mut world, asking) = asked().await;
    world
        .import("contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators\n90002001,Redwood Foods Ltd.,,redwood.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Bob Hill <bob@redwood.example>\n")
        .await;
    world.works(Mail::reply(&asking, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.tasks().await, [TaskCause::NoLongerEligible]);
    world.read_all();
}

#[tokio::test]
async fn c2_an_answer_of_somebody_who_seemed_unreachable_is_not_lost() {
    let mut world = World::new().await;
    world.works(japanese_request("90001002").bytes()).await;
    let letters = world.read_all();
    let lee = letters.iter().find(|l| l.name == "approval_request" && l.to == "lee@partner.example").unwrap().clone();
    // A forged or premature report says that Lee's letter failed; Lee has it all the same.
    world.works(crate::delivery::report(&lee, &lee.message_id, "failed")).await;
    world.works(Mail::reply(&lee, "Approved.").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn never_lose_two_answers_without_message_id_and_date_to_two_letters_are_two_mails() {
    let (mut world, first) = asked().await;
    world
        .works(
            String::from_utf8(english_request("90002001").bytes())
                .unwrap()
                .replace("sam@", "joe@")
                .replace("Message-ID: <", "Message-ID: <x."),
        )
        .await;
    let second = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    for letter in [&first, &second] {
        let bare: String = String::from_utf8(
            Mail::from("ann@redwood.example")
                .to(letter.reply_to.as_deref().unwrap())
                .subject("Re: x")
                .body("Approved.")
                .bytes(),
        )
        .unwrap()
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("Message-ID:") && !line.starts_with("Date:"))
        .collect();
        world.works(bare).await;
    }
    for request in world.requests().await {
        assert_eq!(crate::world::standing(&request.items[0]), "approved");
    }
    world.read_all();
}

#[tokio::test]
async fn t4_the_requester_who_was_shown_the_letter_cannot_approve() {
    let (mut world, asking) = asked().await;
    let by_sam = String::from_utf8(Mail::reply(&asking, "Approved.").verified(Verified::Yes).bytes())
        .unwrap()
        .replace("From: ann@redwood.example", "From: sam@operator.example")
        .replace("header.from=redwood.example", "header.from=operator.example");
    world.works(by_sam).await;
    assert_eq!(world.standings().await, WAITS);
    assert_eq!(world.tasks().await, [TaskCause::AnswerFromAnother]);
    world.read_all();
}
