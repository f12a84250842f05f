//! Attacks by way of who a mail says it is from: look-alikes, odd spellings, and fields that are no From.

use crate::letter::Letter;
use crate::mails::{Mail, english_request};
use crate::world::World;

const WAITS: &[&str] = &["pending_administrator_review"];

async fn asked() -> (World, Letter) {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    (world, asking)
}

/// Ann's answer with another From, which the desk's server vouches for as the domain that it is of.
fn answer_from(letter: &Letter, from: &str, domain: &str, n: usize) -> String {
    let reply = String::from_utf8(Mail::reply(letter, &format!("Approved. {n}")).bytes()).unwrap();
    reply.replacen("From: ann@redwood.example", from, 1).replacen(
        "header.from=redwood.example",
        &format!("header.from={domain}"),
        1,
    )
}

#[tokio::test]
async fn t1_a_look_alike_of_the_addressed_person_is_somebody_else_however_well_vouched_for() {
    let (mut world, letter) = asked().await;
    let look_alikes = [
        // The domain: another script, a host above or below, one more or one less label, the address as a host name.
        ("From: ann@redw\u{043e}od.example", "redw\u{043e}od.example"),
        ("From: ann@xn--redwod-x1e.example", "xn--redwod-x1e.example"),
        ("From: ann@redwood-example", "redwood-example"),
        ("From: ann@redwood.example.evil.example", "redwood.example.evil.example"),
        ("From: ann@mail.redwood.example", "mail.redwood.example"),
        ("From: ann@wood.example", "wood.example"),
        ("From: ann@rediwood.example", "rediwood.example"),
        ("From: ann@redwood.example\u{3002}evil.example", "evil.example"),
        // The local part: another script, quoted, an address within it.
        ("From: \u{0430}nn@redwood.example", "redwood.example"),
        ("From: \"ann@redwood.example\"@evil.example", "evil.example"),
        ("From: \"ann \"@redwood.example", "redwood.example"),
        ("From: ann%redwood.example@evil.example", "evil.example"),
        ("From: evil.example!ann@redwood.example.evil.example", "redwood.example.evil.example"),
        ("From: a.nn@redwood.example", "redwood.example"),
        ("From: ann.@redwood.example", "redwood.example"),
        // The display name says Ann.
        ("From: Ann Lake <ann.lake@evil.example>", "evil.example"),
        ("From: \"Ann Lake <ann@redwood.example>\" <m@evil.example>", "evil.example"),
        ("From: ann@redwood.example <m@evil.example>", "evil.example"),
        ("From: \"ann@redwood.example\" (ann@redwood.example) <m@evil.example>", "evil.example"),
        ("From: =?utf-8?Q?ann=40redwood=2Eexample?= <m@evil.example>", "evil.example"),
        ("From: =?utf-8?Q?=3Cann=40redwood=2Eexample=3E?= <m@evil.example>", "evil.example"),
        // Groups, routes, comments, bytes that cut a reader short.
        ("From: Redwood:ann@redwood.example,m@evil.example;", "evil.example"),
        ("From: m@evil.example (, ann@redwood.example)", "evil.example"),
        ("From: m@evil.example, ann@redwood.example", "evil.example"),
        ("From: <@redwood.example:m@evil.example>", "evil.example"),
        ("From: m@evil.example\0 ann@redwood.example", "evil.example"),
        ("From: ann@redwood.example\0@evil.example", "evil.example"),
        ("From: ann@redwood.example\r\n m@evil.example", "evil.example"),
        // Other fields speak for nobody.
        ("Resent-From: ann@redwood.example\r\nFrom: m@evil.example", "evil.example"),
        (
            "Sender: ann@redwood.example\r\nReply-To: ann@redwood.example\r\nReturn-Path: <ann@redwood.example>\r\nFrom: m@evil.example",
            "evil.example",
        ),
        ("X-Original-From: ann@redwood.example\r\nFrom: m@evil.example", "evil.example"),
        ("From: m@evil.example\r\nFROM: ann@redwood.example", "evil.example"),
        ("From:ann@redwood.example\r\nFrom: m@evil.example", "evil.example"),
    ];
    for (n, (from, domain)) in look_alikes.iter().enumerate() {
        world.works(answer_from(&letter, from, domain, n)).await;
        let request = world.request().await;
        assert_eq!((world.standings().await, request.items[0].votes.len()), (vec![WAITS[0].to_owned()], 0), "{from:?}");
        for letter in world.read_all() {
            // Nobody but the desk's own people hears of it; a confirmation would go to Ann, and only for Ann.
            assert_eq!(letter.name, "task_notice", "{from:?}: {} to {}", letter.name, letter.to);
        }
    }
    let timeline = world.timeline(&world.request().await.reference).await;
    assert!(timeline.iter().any(|sentence| sentence.contains("comes from another address")), "{timeline:?}");
    // Ann herself, however she is spelled, is Ann.
    world
        .works(answer_from(
            &letter,
            "From: =?utf-8?Q?Ann_Lake?= (in haste) <Ann+x@Redwood.Example>",
            "redwood.example",
            99,
        ))
        .await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn h1_a_reply_to_elsewhere_gets_no_letter() {
    let mut world = World::new().await;
    for field in [
        "Reply-To: spy@evil.example",
        "Sender: spy@evil.example",
        "Resent-From: spy@evil.example",
        "Errors-To: spy@evil.example",
        "Return-Path: <spy@evil.example>",
        "Disposition-Notification-To: spy@evil.example",
        "Mail-Followup-To: spy@evil.example",
    ] {
        let body = String::from_utf8(english_request("90002001").bytes())
            .unwrap()
            .split_once("\r\n\r\n")
            .unwrap()
            .1
            .replace("they run", field);
        world.works(english_request("90002001").header(field).body(&body).bytes()).await;
        for letter in world.read_all() {
            assert_ne!(letter.to, "spy@evil.example", "{field}: {}", letter.name);
            let (head, _) = letter.raw.split_once("\r\n\r\n").unwrap();
            assert!(!head.contains("spy@"), "{field}: {head}");
        }
    }
}

#[tokio::test]
async fn t7_a_verdict_at_the_wrong_place_or_in_the_wrong_words_verifies_no_request() {
    let mut world = World::new().await;
    let ours = "Authentication-Results: mx.vendor.example; dmarc=pass header.from=redwood.example\r\n";
    let forgeries = [
        String::new(),
        format!("Received: from evil.example by mx.vendor.example\r\n{ours}"),
        format!(
            "Authentication-Results: mx.vendor.example; dmarc=none header.from=redwood.example\r\nReceived: by x\r\n{ours}"
        ),
        "Authentication-Results: mx.vendor.example; dmarc=pass (ok) header.from=\"redwood.example; x\"\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example; spf=pass smtp.mailfrom=dmarc=pass.redwood.example\r\n".to_owned(),
        "Authentication-Results: mx.vendor.example (dmarc=pass header.from=redwood.example); none\r\n".to_owned(),
        "Authentication-Results: spf=pass; dmarc=pass action=none header.from=redwood.example\r\n".to_owned(),
        "ARC-Authentication-Results: i=1; mx.vendor.example; dmarc=pass header.from=redwood.example\r\n".to_owned(),
        "DKIM-Signature: v=1; a=rsa-sha256; d=redwood.example; s=s; h=From; bh=AAAA; b=AAAA\r\n".to_owned(),
        "Received-SPF: pass (mx.vendor.example: domain of redwood.example)\r\n".to_owned(),
    ];
    for (n, forged) in forgeries.iter().enumerate() {
        let body = String::from_utf8(english_request("90002001").bytes())
            .unwrap()
            .split_once("\r\n\r\n")
            .unwrap()
            .1
            .replace("sam@", &format!("sam{n}@"));
        let mail =
            String::from_utf8(english_request("90002001").body(&body).bytes()).unwrap().replacen(ours, forged, 1);
        world.works(mail).await;
        let request = world.requests().await.pop().unwrap();
        assert!(!request.sender_verified, "{forged}");
        assert!(world.timeline(&request.reference).await[0].contains("not verified: "), "{forged}");
        for letter in world.read_all().iter().filter(|letter| letter.name == "approval_request") {
            assert!(letter.text.contains("NOT verified"), "{}", letter.text);
        }
    }
}
