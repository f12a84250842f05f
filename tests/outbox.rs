//! The outbox on a real database and a scripted server: nothing is lost, nothing is parked, loops end.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

#[path = "support/fake_smtp.rs"]
mod fake_smtp;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fake_smtp::{Act, FakeSmtp, Script};
use ringi::domain::address::EmailAddress;
use ringi::domain::entropy::{Seeded, Token};
use ringi::domain::ids::LetterNo;
use ringi::domain::input::DeliveryResult;
use ringi::domain::letter::{Body, Key, Letter, Receipt, Rendered};
use ringi::domain::outcome::Outcome;
use ringi::domain::policy::Breakers;
use ringi::domain::task::TaskCause;
use ringi::domain::words::Language;
use ringi::outbox::{Outbox, Progress};
use ringi::sending::{MaildirSink, Security, Smtp, SmtpOptions, Transport};
use ringi::store::{Backlog, Batch, Cause, Create, DeskId, Incoming, LetterFilter, LetterState, Store};
use ringi::tls::Trust;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn start() -> DateTime<Utc> {
    "2026-11-20T01:00:00Z".parse().unwrap()
}

fn minutes(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

/// A desk with letters to send.
struct Desk {
    store: Store,
    id: DeskId,
    written: u32,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("ringi.db"), Create::Yes).await.unwrap();
        let id = store.desk("desk").await.unwrap();
        Self { store, id, written: 0, _folder: folder }
    }

    /// Writes a letter, as the engine would: caused by an input, in its transaction.
    async fn writes_to(&mut self, person: &str) {
        self.written += 1;
        let n = self.written;
        let mailbox = self.store.open_mailbox(self.id, "INBOX", 1, start()).await.unwrap();
        let mail = Incoming {
            uid: n,
            received_at: Some(start()),
            size: 2,
            headers_only: false,
            raw: b"\r\n".to_vec(),
            message_id: None,
            digest: n.to_string(),
            from: None,
            subject: String::new(),
        };
        let batch = Batch { mails: vec![mail], up_to: n, ..Batch::default() };
        self.store.record(mailbox.id, 1, &batch, Backlog::Process, start()).await.unwrap();
        let input = self.store.next_input(self.id).await.unwrap().unwrap();

        let letter = Letter {
            reference: None,
            no: LetterNo(0),
            to: address(person),
            to_name: None,
            language: Language::English,
            thread: None,
            key: Key::Tells(Token::draw(&mut Seeded::new(u64::from(n)))),
            body: Body::Receipt(Receipt { about: "x".into() }),
            not_before: None,
            unverified: false,
        };
        let words = Rendered {
            message_id: format!("{n}@ringi.example"),
            subject: "x".into(),
            shown_text: "x".into(),
            bytes: format!("Message-ID: <{n}@ringi.example>\r\n\r\nx\r\n").into_bytes(),
        };
        let outcome = Outcome { letters: vec![letter], ..Outcome::default() };
        let mut deciding = self.store.begin(self.id).await.unwrap();
        deciding.write(input.id, &outcome, &[words], start()).await.unwrap();
        deciding.commit().await.unwrap();
    }

    fn outbox(&self, owner: &str, transport: Transport) -> Outbox {
        let from = address("desk@ringi.example");
        Outbox::new(
            self.store.clone(),
            self.id,
            from,
            owner.into(),
            transport,
            Breakers { address_daily: 20, request_daily: 6, hourly: 500 },
        )
    }

    /// The states of all letters, the first written first.
    async fn states(&self) -> Vec<LetterState> {
        let rows = self.store.letters(&LetterFilter::default(), 1000).await.unwrap();
        rows.iter().rev().map(|row| row.state).collect()
    }
}

fn smtp(port: u16) -> Transport {
    let smtp = Smtp::new(SmtpOptions {
        host: "127.0.0.1".into(),
        port,
        security: Security::Plain,
        user: None,
        password: None,
        trust: Trust::System,
        hello_name: None,
        timeout: Duration::from_secs(20),
    });
    Transport::Smtp(Box::new(smtp.unwrap()))
}

#[tokio::test]
async fn letters_leave_in_order_over_one_session() {
    let mut desk = Desk::new().await;
    for person in ["a@x.example", "b@x.example", "c@x.example"] {
        desk.writes_to(person).await;
    }
    let server = FakeSmtp::start(Script::default()).await;
    let mut outbox = desk.outbox("first", smtp(server.port));
    assert_eq!(outbox.step(start()).await.unwrap(), Progress { accepted: 3, ..Progress::default() });
    assert!(outbox.step(start()).await.unwrap().is_idle());
    outbox.close().await.unwrap();

    assert_eq!(desk.states().await, [LetterState::Accepted; 3]);
    let seen = server.seen();
    assert_eq!(seen.connections, 1);
    let first = "Message-ID: <1@ringi.example>\r\n\r\nx\r\n";
    assert_eq!((seen.letters.len(), seen.letters[0].as_slice()), (3, first.as_bytes()));
}

#[tokio::test]
async fn c2_a_rejected_letter_ends_and_becomes_an_input() {
    let mut desk = Desk::new().await;
    desk.writes_to("gone@x.example").await;
    let server = FakeSmtp::start(Script { rcpt: Act::Say("550 5.1.1 no such user"), ..Script::default() }).await;
    let progress = desk.outbox("first", smtp(server.port)).step(start()).await.unwrap();
    assert_eq!(progress, Progress { rejected: 1, ..Progress::default() });
    assert_eq!(desk.states().await, [LetterState::Rejected]);

    let Cause::Delivery(delivery) = desk.store.next_input(desk.id).await.unwrap().unwrap().cause else { panic!() };
    assert_eq!(delivery.result, DeliveryResult::Rejected { reply: "550 5.1.1 no such user".into() });
}

#[tokio::test]
async fn a_letter_put_off_is_tried_again_when_it_is_due_and_not_before() {
    let mut desk = Desk::new().await;
    desk.writes_to("busy@x.example").await;
    let server = FakeSmtp::start(Script { rcpt: Act::Say("450 4.2.1 later"), ..Script::default() }).await;
    let mut outbox = desk.outbox("first", smtp(server.port));
    let mut now = start();
    for wait in [1, 5, 15, 60, 60] {
        let progress = outbox.step(now).await.unwrap();
        assert_eq!((progress.deferred, progress.next), (1, Some(now + TimeDelta::minutes(wait))));
        assert!(outbox.step(now + TimeDelta::seconds(wait * 60 - 1)).await.unwrap().is_idle());
        now += TimeDelta::minutes(wait);
    }
    server.answers(|script| *script = Script::default());
    assert_eq!(outbox.step(now).await.unwrap().accepted, 1);
}

#[tokio::test]
async fn while_the_server_is_down_one_letter_tries_and_none_is_lost() {
    let mut desk = Desk::new().await;
    for person in ["a@x.example", "b@x.example", "c@x.example"] {
        desk.writes_to(person).await;
    }
    let server = FakeSmtp::start(Script { greeting: Act::Say("554 5.3.2 closed"), ..Script::default() }).await;
    let mut outbox = desk.outbox("first", smtp(server.port));

    let mut now = start();
    for dialed in 1..=20 {
        let progress = outbox.step(now).await.unwrap();
        assert_eq!((progress.accepted, progress.rejected), (0, 0));
        assert_eq!(server.seen().connections, dialed, "once each time");
        now = progress.next.unwrap();
    }
    assert_eq!(desk.states().await, [LetterState::Waiting; 3]);

    server.answers(|script| *script = Script::default());
    let mut accepted = 0;
    for _ in 0..3 {
        let progress = outbox.step(now).await.unwrap();
        accepted += progress.accepted;
        now = progress.next.unwrap_or(now);
    }
    assert_eq!((accepted, desk.states().await), (3, vec![LetterState::Accepted; 3]));
}

#[tokio::test]
async fn a_letter_that_breaks_the_connection_lets_the_others_pass() {
    let mut desk = Desk::new().await;
    for person in ["poison@x.example", "b@x.example", "c@x.example"] {
        desk.writes_to(person).await;
    }
    let server = FakeSmtp::start(Script { letter: Act::HangUp, ..Script::default() }).await;
    let mut outbox = desk.outbox("first", smtp(server.port));
    let progress = outbox.step(start()).await.unwrap();
    assert_eq!(progress.deferred, 3);
    server.answers(|script| *script = Script::default());

    let next = progress.next.unwrap();
    let progress = outbox.step(next).await.unwrap();
    assert_eq!(progress.accepted, 2);
    assert_eq!(desk.states().await, [LetterState::Waiting, LetterState::Accepted, LetterState::Accepted]);
    assert_eq!(outbox.step(progress.next.unwrap()).await.unwrap().accepted, 1);
    assert_eq!(server.seen().letters[0], server.seen().letters[3], "the same mail, byte for byte");
}

#[tokio::test]
async fn the_twenty_first_letter_of_a_day_to_one_address_is_held_and_told_once() {
    let mut desk = Desk::new().await;
    for n in 0..23 {
        desk.writes_to(&format!("loop+{n}@x.example")).await;
    }
    desk.writes_to("other@x.example").await;
    let server = FakeSmtp::start(Script::default()).await;
    let mut outbox = desk.outbox("first", smtp(server.port));
    assert_eq!(outbox.step(start()).await.unwrap().accepted, 20);
    let progress = outbox.step(minutes(1)).await.unwrap();
    assert_eq!((progress.accepted, progress.held), (1, 3));

    desk.writes_to("loop@x.example").await;
    assert_eq!(outbox.step(minutes(2)).await.unwrap().held, 1);
    let tasks = desk.store.tasks(Some(desk.id), true, 10).await.unwrap();
    assert_eq!(tasks.iter().map(|task| task.cause).collect::<Vec<_>>(), [TaskCause::LettersHeld]);
    assert_eq!(server.seen().letters.len(), 21);

    desk.writes_to("loop@x.example").await;
    assert_eq!(outbox.step(minutes(24 * 60 + 1)).await.unwrap().accepted, 1, "the next day it goes on");
}

#[tokio::test]
async fn what_an_earlier_start_had_claimed_is_sent_by_the_next() {
    let mut desk = Desk::new().await;
    desk.writes_to("a@x.example").await;
    assert_eq!(desk.store.claim(desk.id, "died", start(), 20).await.unwrap().len(), 1);

    let folder = tempfile::tempdir().unwrap();
    let sink = MaildirSink::open(folder.path()).unwrap();
    let mut outbox = desk.outbox("second", Transport::Maildir(sink));
    assert_eq!(outbox.step(start()).await.unwrap().accepted, 1);
    assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
}

#[tokio::test]
async fn a_step_that_is_broken_off_in_mid_letter_sends_it_with_the_next() {
    let mut desk = Desk::new().await;
    desk.writes_to("a@x.example").await;
    desk.writes_to("b@x.example").await;
    let server = FakeSmtp::start(Script { letter: Act::Stall, ..Script::default() }).await;
    let mut outbox = desk.outbox("first", smtp(server.port));
    tokio::select! {
        progress = outbox.step(start()) => panic!("{progress:?}"),
        () = server.saw(|seen| seen.letters.len() == 1) => {}
    }

    server.answers(|script| *script = Script::default());
    assert_eq!(outbox.step(start()).await.unwrap().accepted, 2);
    assert_eq!(desk.states().await, [LetterState::Accepted; 2]);
}

#[tokio::test]
async fn a_step_can_run_on_any_thread() {
    let desk = Desk::new().await;
    let server = FakeSmtp::start(Script::default()).await;
    let mut outbox = desk.outbox("first", smtp(server.port));
    let progress = tokio::spawn(async move { outbox.step(start()).await }).await.unwrap().unwrap();
    assert_eq!(progress, Progress::default());
}
