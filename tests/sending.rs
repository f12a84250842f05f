//! Letters on their way to a server: what each fault of the way does to them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

#[path = "support/fake_smtp.rs"]
mod fake_smtp;

use std::time::Duration;

use fake_smtp::{Act, FakeSmtp, Script};
use ringi::domain::address::EmailAddress;
use ringi::secret::Secret;
use ringi::sending::{Envelope, Security, Sent, Smtp, SmtpOptions};
use ringi::tls::Trust;

const LETTER: &[u8] =
    b"From: desk@ringi.example\r\nTo: kei.mori@haruka.example\r\nSubject: [RG-7K3M9Q]\r\n\r\nHello.\r\n";

fn options(port: u16) -> SmtpOptions {
    SmtpOptions {
        host: "127.0.0.1".into(),
        port,
        security: Security::Plain,
        user: None,
        password: None,
        trust: Trust::System,
        hello_name: Some("desk.ringi.example".into()),
        timeout: Duration::from_secs(20),
    }
}

fn smtp(port: u16) -> Smtp {
    Smtp::new(options(port)).unwrap()
}

/// For servers that never answer: the test waits this long, and five times as long after a letter.
fn impatient(port: u16) -> Smtp {
    Smtp::new(SmtpOptions { timeout: Duration::from_millis(300), ..options(port) }).unwrap()
}

fn to(address: &str) -> Envelope {
    let parse = |text| EmailAddress::parse(text).unwrap();
    Envelope { from: parse("desk@ringi.example"), to: parse(address) }
}

fn kei() -> Envelope {
    to("kei.mori@haruka.example")
}

fn accepted(sent: &Sent) -> bool {
    matches!(sent, Sent::Accepted { .. })
}

/// The reply of a letter that is put off; `surroundings` must be as the test says.
fn deferred(sent: Sent, expected: bool) -> String {
    match sent {
        Sent::Deferred { reply, surroundings } if surroundings == expected => reply,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_letter_arrives_byte_for_byte() {
    let server = FakeSmtp::start(Script::default()).await;
    let mut smtp = smtp(server.port);
    let hard: &[&[u8]] = &[
        LETTER,
        b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\n\r\n.\r\n",
        b"Subject: ends with empty lines\r\n\r\ntext\r\n\r\n\r\n",
        "Subject: 8 bit\r\n\r\n稟議。\r\n".as_bytes(),
        b"\r\n",
    ];
    for letter in hard {
        assert!(accepted(&smtp.send(&kei(), letter).await));
    }
    assert_eq!(server.seen().letters, hard);
    let mails: Vec<_> = server.seen().commands.into_iter().filter(|c| c.starts_with("MAIL")).collect();
    assert_eq!(mails[0], "MAIL FROM:<desk@ringi.example>");
    assert_eq!(mails[3], "MAIL FROM:<desk@ringi.example> BODY=8BITMIME");
}

#[tokio::test]
async fn three_letters_share_one_session_and_close_says_goodbye() {
    let server = FakeSmtp::start(Script::default()).await;
    let mut smtp = smtp(server.port);
    for person in ["a@haruka.example", "b@haruka.example", "c@haruka.example"] {
        assert!(accepted(&smtp.send(&to(person), LETTER).await));
    }
    smtp.close().await;
    let seen = server.seen();
    assert_eq!((seen.connections, seen.letters.len()), (1, 3));
    assert_eq!(seen.commands.first().unwrap(), "EHLO desk.ringi.example");
    assert_eq!(seen.commands.last().unwrap(), "QUIT");
}

#[tokio::test]
async fn a_4xx_puts_the_letter_off_and_the_next_one_goes() {
    let server = FakeSmtp::start(Script { rcpt: Act::Say("450 4.2.1 try later"), ..Script::default() }).await;
    let mut smtp = smtp(server.port);
    assert_eq!(deferred(smtp.send(&kei(), LETTER).await, false), "450 4.2.1 try later");

    server.answers(|script| script.rcpt = Act::Say("250 ok"));
    assert!(accepted(&smtp.send(&to("b@haruka.example"), LETTER).await));
    assert_eq!(server.seen().connections, 1, "the session is kept after RSET");
}

#[tokio::test]
async fn c2_a_5xx_at_rcpt_rejects_this_recipient_only() {
    let refusal = "550 5.1.1 <kei.mori@haruka.example>: user unknown";
    let server = FakeSmtp::start(Script { rcpt: Act::Say(refusal), ..Script::default() }).await;
    let mut smtp = smtp(server.port);
    let sent = smtp.send(&kei(), LETTER).await;
    assert_eq!(sent, Sent::Rejected { reply: "550 5.1.1 <k…@haruka.example>: user unknown".into() });

    server.answers(|script| script.rcpt = Act::Say("250 ok"));
    assert!(accepted(&smtp.send(&to("b@haruka.example"), LETTER).await));
    assert_eq!(server.seen().connections, 1);
}

#[tokio::test]
async fn c2_a_refusal_in_shift_jis_is_a_refusal() {
    // "550 5.1.1 " and 宛先不明.
    let refusal = Act::Mumble(b"550 5.1.1 \x88\xb6\x90\xe6\x95s\x96\xbe");
    let server = FakeSmtp::start(Script { rcpt: refusal, ..Script::default() }).await;
    let sent = smtp(server.port).send(&kei(), LETTER).await;
    assert!(matches!(&sent, Sent::Rejected { reply } if reply.starts_with("550 5.1.1 ")), "{sent:?}");
}

#[tokio::test]
async fn c2_a_5xx_to_the_letter_itself_rejects_it() {
    let server = FakeSmtp::start(Script { letter: Act::Say("552 5.3.4 too large"), ..Script::default() }).await;
    assert!(matches!(smtp(server.port).send(&kei(), LETTER).await, Sent::Rejected { .. }));
}

#[tokio::test]
async fn a_5xx_before_the_recipient_is_named_is_a_fault_of_the_surroundings() {
    let no = Act::Say("554 5.7.1 not you");
    let scripts = [
        Script { greeting: no.clone(), ..Script::default() },
        Script { ehlo: no.clone(), ..Script::default() },
        Script { auth: Act::Say("535 5.7.8 bad credentials"), ..Script::default() },
        Script { mail: no, ..Script::default() },
    ];
    for script in scripts {
        let server = FakeSmtp::start(script).await;
        let login = SmtpOptions {
            user: Some("desk".into()),
            password: Some(Secret::new("s3cret").into()),
            ..options(server.port)
        };
        let reply = deferred(Smtp::new(login).unwrap().send(&kei(), LETTER).await, true);
        assert!(reply.contains(" 5.7."), "{reply}");
        assert!(!reply.contains("s3cret"), "{reply}");
        assert!(server.seen().letters.is_empty());
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_holds_nobody_up() {
    let scripts = [
        Script { greeting: Act::Stall, ..Script::default() },
        Script { mail: Act::Stall, ..Script::default() },
        Script { rcpt: Act::Stall, ..Script::default() },
        Script { letter: Act::Stall, ..Script::default() },
    ];
    for script in scripts {
        let server = FakeSmtp::start(script).await;
        let mut smtp = impatient(server.port);
        assert!(deferred(smtp.send(&kei(), LETTER).await, true).contains("no answer"));

        server.answers(|script| *script = Script::default());
        assert!(accepted(&smtp.send(&kei(), LETTER).await), "and a new session is made");
        assert_eq!(server.seen().connections, 2);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_letter_puts_it_off() {
    let server = FakeSmtp::start(Script { letter: Act::HangUp, ..Script::default() }).await;
    let mut smtp = smtp(server.port);
    deferred(smtp.send(&kei(), LETTER).await, true);
    server.answers(|script| *script = Script::default());
    assert!(accepted(&smtp.send(&kei(), LETTER).await));
    assert_eq!(server.seen().letters, [LETTER, LETTER], "the resend is the same mail");
}

#[tokio::test]
async fn a_session_that_the_server_left_is_made_anew_at_once() {
    for parting in [Act::HangUp, Act::Say("421 4.4.2 idle too long")] {
        let server = FakeSmtp::start(Script::default()).await;
        let mut smtp = smtp(server.port);
        assert!(accepted(&smtp.send(&kei(), LETTER).await));

        // The old session answers MAIL like this; so does the new one, which is then no stale session any more.
        server.answers(|script| script.mail = parting.clone());
        deferred(smtp.send(&kei(), LETTER).await, true);
        assert_eq!(server.seen().connections, 2);
        server.answers(|script| script.mail = Act::Say("250 ok"));
        assert!(accepted(&smtp.send(&kei(), LETTER).await));
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_fault_of_the_surroundings() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert!(deferred(smtp(port).send(&kei(), LETTER).await, true).contains("connecting to 127.0.0.1"));
}

#[tokio::test]
async fn a_send_that_is_broken_off_leaves_no_session_behind() {
    let server = FakeSmtp::start(Script { rcpt: Act::Stall, ..Script::default() }).await;
    let mut smtp = smtp(server.port);
    let envelope = kei();
    tokio::select! {
        sent = smtp.send(&envelope, LETTER) => panic!("{sent:?}"),
        () = server.saw(|seen| seen.commands.iter().any(|command| command.starts_with("RCPT"))) => {}
    }
    server.answers(|script| *script = Script::default());
    assert!(accepted(&smtp.send(&kei(), LETTER).await));
    assert_eq!(server.seen().connections, 2);
}

#[tokio::test]
async fn what_a_server_does_not_take_does_not_leave() {
    let server = FakeSmtp::start(Script { ehlo: Act::Say("250 fake.example"), ..Script::default() }).await;
    let mut smtp = smtp(server.port);
    assert!(deferred(smtp.send(&kei(), "\r\n稟議\r\n".as_bytes()).await, true).contains("8BITMIME"));
    assert!(matches!(smtp.send(&to("利用者@haruka.example"), LETTER).await, Sent::Rejected { .. }));
    deferred(smtp.send(&kei(), b"smuggled\n.\nMAIL FROM:<x@y.example>\r\n").await, false);
    assert!(server.seen().letters.is_empty());
}

#[tokio::test]
async fn an_odd_address_is_quoted_on_the_line() {
    let server = FakeSmtp::start(Script::default()).await;
    assert!(accepted(&smtp(server.port).send(&to("a..b.@docomo.ne.jp"), LETTER).await));
    assert!(server.seen().commands.contains(&"RCPT TO:<\"a..b.\"@docomo.ne.jp>".to_owned()));
}

#[tokio::test]
async fn nothing_leaves_this_machine_in_the_clear() {
    // TEST-NET-1: never dialed, for the address itself is refused.
    let mut smtp = Smtp::new(SmtpOptions { host: "192.0.2.1".into(), ..options(25) }).unwrap();
    assert!(deferred(smtp.send(&kei(), LETTER).await, true).contains("unencrypted"));
}

#[tokio::test]
async fn starttls_never_goes_on_without() {
    let server = FakeSmtp::start(Script::default()).await;
    let mut smtp = Smtp::new(SmtpOptions {
        security: Security::StartTls,
        trust: Trust::PinnedSha256([0; 32]),
        ..options(server.port)
    })
    .unwrap();
    assert!(deferred(smtp.send(&kei(), LETTER).await, true).contains("does not offer STARTTLS"));
    assert_eq!(server.seen().commands, ["EHLO desk.ringi.example"]);
}

#[test]
fn options_that_contradict_each_other_are_faults() {
    assert!(Smtp::new(SmtpOptions { user: Some("desk".into()), ..options(25) }).is_err());
    assert!(Smtp::new(SmtpOptions { hello_name: Some("a b\r\nMAIL".into()), ..options(25) }).is_err());
}
