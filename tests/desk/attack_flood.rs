//! Attacks on the daemon itself: mails that are too much, too deep or broken, and loops.

use std::fmt::Write as _;

use ringi::domain::task::TaskCause;

use crate::delivery::report;
use crate::mails::{Mail, Verified, english_request, japanese_request};
use crate::world::World;

#[tokio::test]
async fn hostile_mails_are_worked_and_the_queue_goes_on() {
    let mut world = World::new().await;
    let many = (0..1000).fold(String::new(), |mut text, n| {
        let _ = write!(text, "{}, ", 91_000_000 + n);
        text
    });
    let parts = (0..10_000).fold(String::new(), |mut text, n| {
        let _ = write!(text, "--b\r\nContent-Type: text/plain\r\n\r\npart {n}\r\n");
        text
    });
    let deep = (0..100).fold(String::new(), |mut text, n| {
        let _ = write!(text, "Content-Type: message/rfc822\r\nSubject: {n}\r\n\r\n");
        text
    });
    let english = |what: &str, otherwise: &str| {
        String::from_utf8(english_request("90002001").bytes()).unwrap().replacen(what, otherwise, 1).into_bytes()
    };
    let mails: Vec<(&str, Vec<u8>)> = vec![
        ("1000 numbers", english("90002001", &many)),
        ("1 MB name", english("Sam Poe", &"x".repeat(1 << 20))),
        ("1 MB From name", english("From: Ann Lake", &format!("From: {}", "y".repeat(1 << 20)))),
        ("1 MB subject", english("Subject: ", &format!("Subject: {}", "z ".repeat(1 << 19)))),
        (
            "10000 parts",
            Mail::from("m@attacker.example")
                .header("Content-Type: multipart/mixed; boundary=\"b\"")
                .body(&parts)
                .bytes(),
        ),
        ("100 deep", Mail::from("m2@attacker.example").header("Content-Type: message/rfc822").body(&deep).bytes()),
        (
            "10 MB header",
            english(
                "Subject: ",
                &format!(
                    "{}Subject: ",
                    "X-Junk: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(160_000)
                ),
            ),
        ),
        ("one 3 MB header line", english("Subject: ", &format!("X-Junk: {}\r\nSubject: ", "b".repeat(3 << 20)))),
        ("NUL", english("they run our network", "they\0run {{ 7*7 }} {% for x in y %} our\u{85}network")),
        ("CR in fields", english("Sam Poe", "Sam\rBcc: x@attacker.example\rPoe")),
        ("template", english("Sam Poe", "{{ request }}{% include 'x' %}")),
        ("marks", Mail::from("m3@attacker.example").body(&"> ".repeat(500_000)).bytes()),
        ("blank lines", Mail::from("m4@attacker.example").body(&">\r\n".repeat(300_000)).bytes()),
        ("colons", Mail::from("m5@attacker.example").body(&"From: x\r\nTo:\r\n".repeat(100_000)).bytes()),
        ("at signs", Mail::from("m6@attacker.example").body(&"a@b.".repeat(300_000)).bytes()),
        ("one line of digits", Mail::from("m7@attacker.example").body(&"9".repeat(1_000_000)).bytes()),
        ("refs", Mail::from("m8@attacker.example").body(&"RG-ABCDEF RG-2A3B4C Ref: RG-ABCDEF ".repeat(30_000)).bytes()),
        (
            "html",
            Mail::from("m9@attacker.example")
                .header("Content-Type: text/html")
                .body(&"<div><table><tr><td>x".repeat(50_000))
                .bytes(),
        ),
        ("odd from 1", Mail::from("\"a..b.\"@docomo.example").body("hello").bytes()),
        ("odd from 2", Mail::from("a!#$%&'*/=?^_`{|}~@x-.example").body("hello").bytes()),
        ("odd from 3", Mail::from(&format!("{}@attacker.example", "l".repeat(200))).body("hello").bytes()),
        ("odd from 4", english("From: Ann Lake <ann@redwood.example>", "From: ü@日本.example")),
        ("odd from 5", english("Ann Lake <ann@redwood.example>", "\"A\rB\nC\" <ann@redwood.example>")),
        ("message-id", english("Message-ID: <", "Message-ID: <\u{7f}\u{1}é")),
        ("empty", Vec::new()),
        ("bytes", (0..=255u8).cycle().take(100_000).collect()),
        ("only header", b"From: a@b.example".to_vec()),
    ];
    for (what, mail) in mails {
        world.works(mail).await;
        let letters = world.read_all();
        for letter in letters {
            assert!(!letter.text.contains("49"), "{what}: {}", letter.text);
        }
    }
    assert!(!world.tasks().await.contains(&TaskCause::ParkedMail));
    world.works(english_request("90002001").subject("after all that").bytes()).await;
    world.read_all();
}

#[tokio::test]
async fn a_machine_s_mail_without_a_report_gets_no_receipt() {
    let mut world = World::new().await;
    for (n, mail) in [
        Mail::from("MAILER-DAEMON@partner.example").body("Something about something."),
        Mail::from("x@partner.example").header("Return-Path: <>").body("Your ticket 12345 was created."),
    ]
    .into_iter()
    .enumerate()
    {
        world.works(mail.bytes()).await;
        let names: Vec<_> = world.read_all().into_iter().map(|letter| (letter.name, letter.to)).collect();
        assert!(names.iter().all(|(name, _)| name == "task_notice"), "{n}: {names:?}");
        assert!(!world.tasks().await.is_empty(), "{n}");
    }
}

#[tokio::test]
async fn a_reviewer_who_cannot_be_reached_is_told_of_once_and_not_every_hour() {
    let mut world = World::new().await;
    world.works(Mail::from("kei@partner.example").body("Hello, how are you?").bytes()).await;
    for hour in 11..15 {
        let notices: Vec<_> = world.read_all().into_iter().filter(|letter| letter.name == "task_notice").collect();
        for notice in notices {
            world.works(report(&notice, &notice.message_id, "failed")).await;
        }
        world.at(&format!("2026-11-24T{hour}:30"));
        world.settle().await;
    }
    assert_eq!(world.tasks().await, [TaskCause::NotWorked, TaskCause::UndeliveredLetter]);
    world.no_letters();
}

#[tokio::test]
async fn a_flood_in_forged_names_uses_up_its_own_budget_and_holds_no_honest_letter() {
    let limits = "[desk.policy]\nunverified_letters_hourly_limit = 3\nletters = { per_address_and_day = 0, per_request_recipient_and_day = 0, per_hour = 12 }\n\n[[desk.mailbox]]";
    let mut world = World::builder().with("[[desk.mailbox]]", limits).build().await;
    // Questions, requests for nothing and requests for something, each in somebody else's name.
    for n in 0..12 {
        let forged = match n % 3 {
            0 => Mail::from(&format!("v{n}@partner.example")).body("Hello, are you open?"),
            1 => {
                Mail::from(&format!("v{n}@partner.example")).body("Please register contract 91000001 for a@b.example.")
            }
            _ => english_request("90002001").body(
                &String::from_utf8(english_request("90002001").bytes())
                    .unwrap()
                    .split_once("\r\n\r\n")
                    .unwrap()
                    .1
                    .replace("sam@", &format!("sam{n}@")),
            ),
        };
        world.receive(forged.verified(Verified::No).bytes());
    }
    world.settle().await;
    let letters = world.read_all();
    let told = letters.iter().filter(|letter| letter.name != "task_notice").count();
    assert_eq!(told, 3, "{:?}", letters.iter().map(|letter| (&letter.name, &letter.to)).collect::<Vec<_>>());
    assert!(world.tasks().await.contains(&TaskCause::OverLimit), "a request that got no letter is a person's");
    assert!(!world.tasks().await.contains(&TaskCause::LettersHeld));
    // An honest request in the same hour is asked about, answered and told, as ever.
    world.works(japanese_request("90001001").bytes()).await;
    let letters = world.read_all();
    let asking = letters.iter().find(|letter| letter.name == "approval_request").unwrap();
    assert!(letters.iter().any(|letter| letter.name == "status" && letter.to == "ando@hibari.example"));
    world.works(Mail::reply(asking, "承認します。").bytes()).await;
    assert_eq!(world.read_all().iter().filter(|letter| letter.name == "approved").count(), 2);
    // The next hour has a budget of its own.
    world.at("2026-11-24T11:01");
    world.works(Mail::from("late@partner.example").verified(Verified::No).body("Hello, are you open?").bytes()).await;
    assert!(world.read_all().iter().any(|letter| letter.name == "receipt"));
}
