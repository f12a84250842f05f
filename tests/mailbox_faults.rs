//! A mailbox whose server misbehaves: nothing is lost, nothing is recorded twice, no unproved UID is passed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/fake_imap.rs"]
mod fake_imap;
#[path = "support/notebook.rs"]
mod notebook;

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};
use fake_imap::{FakeImap, Fault, Held};
use notebook::{Hands, Notebook, identify, mail};
use ringi::domain::outcome::Folder;
use ringi::mailbox::{Folders, ImapOptions, ImapSource, MoveResult, Next, Security, Status, Worker};
use ringi::secret::Secret;
use ringi::tls::Trust;

struct Bench {
    server: FakeImap,
    notebook: Arc<Notebook>,
    hands: Hands,
    worker: Worker<ImapSource, Notebook>,
}

fn options(port: u16) -> ImapOptions {
    ImapOptions {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        user: "desk".to_owned(),
        password: Secret::new("geheim").into(),
        trust: Trust::System,
        inbox: "INBOX".to_owned(),
        folders: Folders { done: Some("済み".to_owned()), human: Some("Human".to_owned()), parked: None },
        idle: true,
        poll: Duration::from_millis(20),
        command_timeout: Duration::from_millis(400),
    }
}

impl Bench {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut ImapOptions)) -> Self {
        let server = FakeImap::start().await;
        let truth = server.clone();
        let notebook = Arc::new(Notebook::checked_against(move || truth.uids()));
        let hands = Hands::new();
        let mut options = options(server.port);
        change(&mut options);
        let source = ImapSource::new(options).unwrap();
        let worker = Worker::new("INBOX", source, Arc::clone(&notebook), hands.clock(), identify());
        Self { server, notebook, hands, worker }
    }

    fn deliver(&self, count: usize) {
        for n in 0..count {
            self.server.deliver(mail(&format!("mail-{n}")));
        }
    }

    /// Steps until a pass ends well, at most so many times; says how many failed.
    async fn settle(&mut self, limit: usize) -> usize {
        for failed in 0..limit {
            match self.worker.step().await {
                Next::Wait => return failed,
                Next::Again => {}
                Next::Retry(_) => {
                    let status = self.status();
                    assert!(!status.connected && status.drained.is_none(), "{status:?}");
                    assert!(!status.last_error.unwrap().contains("geheim"));
                }
            }
        }
        panic!("no good pass in {limit}: {:?}", self.status());
    }

    fn status(&self) -> Status {
        self.worker.status().borrow().clone()
    }
}

#[tokio::test]
async fn mails_are_recorded_once_with_their_bytes_and_the_servers_date() {
    let mut bench = Bench::new().await;
    bench.deliver(120);
    assert_eq!(bench.settle(1).await, 0);
    assert_eq!(bench.notebook.uids(), (1..=120).collect::<Vec<_>>());
    let first = bench.notebook.mails().remove(0);
    assert_eq!(first.raw, mail("mail-0"));
    assert_eq!(first.received_at, Utc.with_ymd_and_hms(2026, 11, 20, 1, 15, 0).unwrap());
    assert_eq!(first.identity.message_id.as_deref(), Some("mail-0@partner.example"));
    assert_eq!(bench.settle(1).await, 0);
    assert_eq!(bench.status().drained, Some(121));
    assert_eq!(bench.status().lag, 0);
}

#[tokio::test]
async fn a_fetch_that_is_cut_short_in_any_way_loses_nothing_and_records_nothing_twice() {
    for fault in [
        Fault::CutInLiteral(0),
        Fault::CutInLiteral(17),
        Fault::CutBetween(0),
        Fault::CutBetween(17),
        Fault::NoAfter(17),
        Fault::No,
        Fault::Bye,
        Fault::Stall,
        Fault::HugeLiteral,
        Fault::Garbage,
    ] {
        let mut bench = Bench::new().await;
        bench.deliver(70);
        bench.server.fault("BODY.PEEK[]", fault);
        assert_eq!(bench.settle(3).await, 1, "{fault:?}");
        assert!(!bench.server.has_pending_faults());
        assert_eq!(bench.notebook.uids(), (1..=70).collect::<Vec<_>>(), "{fault:?}");
        assert!(bench.notebook.gap_uids().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_listing_that_fails_proves_no_mail_absent() {
    for fault in [Fault::No, Fault::Bye, Fault::Stall, Fault::Garbage] {
        let mut bench = Bench::new().await;
        bench.deliver(3);
        bench.server.fault("UID SEARCH", fault);
        assert!(matches!(bench.worker.step().await, Next::Retry(_)));
        assert_eq!(bench.notebook.cursor(), 0, "{fault:?}");
        bench.settle(2).await;
        assert_eq!(bench.notebook.uids(), [1, 2, 3], "{fault:?}");
    }
}

#[tokio::test]
async fn trouble_at_any_other_command_is_survived_as_well() {
    for on in ["LOGIN", "CAPABILITY", "LIST", "SELECT", "RFC822.SIZE"] {
        for fault in [Fault::No, Fault::Bye, Fault::Stall] {
            let mut bench = Bench::new().await;
            bench.deliver(3);
            bench.server.fault(on, fault);
            assert_eq!(bench.settle(3).await, 1, "{on} {fault:?}");
            assert_eq!(bench.notebook.uids(), [1, 2, 3], "{on} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_mail_that_is_listed_and_not_delivered_is_a_gap_until_it_comes() {
    let mut bench = Bench::new().await;
    bench.deliver(2);
    let uid = bench.server.hold(Held { bytes: mail("late"), withheld: true, ..Held::default() });
    bench.deliver(2);
    bench.settle(1).await;
    assert_eq!(bench.notebook.uids(), [1, 2, 4, 5]);
    assert_eq!(bench.notebook.gap_uids(), [uid]);
    assert_eq!(bench.notebook.cursor(), 5);

    bench.server.state().inbox.get_mut(&uid).unwrap().withheld = false;
    bench.settle(1).await;
    assert_eq!(bench.notebook.gap_uids(), [uid], "not tried again before its time");
    bench.hands.advance(TimeDelta::seconds(30));
    bench.settle(1).await;
    assert_eq!(bench.notebook.uids(), [1, 2, 3, 4, 5]);
    assert!(bench.notebook.gap_uids().is_empty());
}

#[tokio::test]
async fn a_gap_whose_mail_was_deleted_meanwhile_is_closed_by_proof() {
    let mut bench = Bench::new().await;
    let uid = bench.server.hold(Held { bytes: mail("held"), withheld: true, ..Held::default() });
    bench.settle(1).await;
    assert_eq!(bench.notebook.gap_uids(), [uid]);
    bench.server.state().inbox.remove(&uid);
    bench.hands.advance(TimeDelta::minutes(1));
    bench.settle(1).await;
    assert!(bench.notebook.gap_uids().is_empty());
    assert!(bench.notebook.uids().is_empty());
}

#[tokio::test]
async fn c4_a_young_gap_holds_back_the_timers_and_one_over_an_hour_old_does_not() {
    let mut bench = Bench::new().await;
    bench.deliver(1);
    bench.server.hold(Held { bytes: mail("held"), withheld: true, ..Held::default() });
    bench.settle(1).await;
    assert_eq!((bench.status().drained, bench.status().gaps, bench.status().old_gaps), (None, 1, 0));
    bench.hands.advance(TimeDelta::minutes(60));
    bench.settle(1).await;
    assert_eq!(bench.status().drained, None);
    bench.hands.advance(TimeDelta::seconds(1));
    bench.settle(1).await;
    assert_eq!((bench.status().drained, bench.status().gaps, bench.status().old_gaps), (Some(3), 1, 1));
}

#[tokio::test]
async fn c4_a_lost_connection_is_not_drained_until_the_mail_that_came_meanwhile_is_recorded() {
    let mut bench = Bench::new().await;
    bench.deliver(1);
    bench.settle(1).await;
    assert_eq!(bench.status().drained, Some(2));
    bench.server.fault("UID SEARCH", Fault::Bye);
    assert!(matches!(bench.worker.step().await, Next::Retry(_)));
    assert_eq!(bench.status().drained, None);
    bench.deliver(2);
    bench.settle(1).await;
    assert_eq!(bench.status().drained, Some(4));
    assert_eq!(bench.notebook.uids(), [1, 2, 3]);
}

#[tokio::test]
async fn a_mail_that_breaks_the_connection_each_time_does_not_block_the_others() {
    let mut bench = Bench::new().await;
    bench.deliver(20);
    let poison = bench.server.hold(Held { bytes: mail("poison"), poison: true, ..Held::default() });
    bench.deliver(60);
    bench.settle(10).await;
    assert_eq!(bench.notebook.gap_uids(), [poison]);
    assert_eq!(bench.notebook.uids().len(), 80);

    bench.hands.advance(TimeDelta::minutes(1));
    bench.deliver(1);
    bench.settle(3).await;
    assert_eq!(bench.notebook.uids().len(), 81);
    bench.server.state().inbox.get_mut(&poison).unwrap().poison = false;
    bench.hands.advance(TimeDelta::minutes(30));
    bench.settle(1).await;
    assert_eq!(bench.notebook.uids().len(), 82);
}

#[tokio::test]
async fn uids_that_were_never_there_or_are_gone_are_passed_by_proof() {
    let mut bench = Bench::new().await;
    bench.deliver(5);
    for uid in [1, 3, 5] {
        bench.server.state().inbox.remove(&uid);
    }
    bench.settle(1).await;
    assert_eq!(bench.notebook.uids(), [2, 4]);
    assert_eq!(bench.notebook.cursor(), 5);
    assert_eq!(bench.status().drained, Some(6));
}

#[tokio::test]
async fn a_new_uidvalidity_starts_from_the_first_uid_under_the_new_one() {
    let mut bench = Bench::new().await;
    bench.deliver(2);
    bench.settle(1).await;
    bench.server.state().uid_validity = 8;
    bench.server.fault("UID SEARCH", Fault::Bye);
    bench.settle(2).await;
    assert_eq!(bench.notebook.keys(), [(7, 1), (7, 2), (8, 1), (8, 2)]);
}

#[tokio::test]
async fn a_large_mail_comes_in_pieces_and_one_above_the_limit_as_its_header() {
    let sized = |name: &str, size: usize| {
        let mut bytes = mail(name);
        bytes.resize(size, b'x');
        bytes
    };
    let mut bench = Bench::new().await;
    let sizes = [300_000, 256 * 1024, 2 * 256 * 1024, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1];
    for (n, size) in sizes.iter().enumerate() {
        bench.server.deliver(sized(&format!("large-{n}"), *size));
    }
    bench.settle(1).await;
    let mails = bench.notebook.mails();
    for (n, size) in sizes.iter().enumerate().take(4) {
        assert_eq!((mails[n].raw.len(), mails[n].size, mails[n].headers_only), (*size, *size as u64, false));
        assert_eq!(mails[n].raw, sized(&format!("large-{n}"), *size));
    }
    assert!(mails[4].headers_only);
    assert_eq!(mails[4].size, 4 * 1024 * 1024 + 1);
    assert!(mails[4].raw.ends_with(b"\r\n\r\n"));
}

#[tokio::test]
async fn a_size_that_the_server_gets_wrong_costs_no_mail() {
    let mut huge = mail("huge");
    huge.resize(5 * 1024 * 1024, b'x');
    let mut bench = Bench::new().await;
    bench.server.hold(Held { bytes: mail("a"), said_size: Some(2_000_000), ..Held::default() });
    bench.server.hold(Held { bytes: mail("b"), said_size: Some(1), ..Held::default() });
    bench.server.hold(Held { bytes: huge, said_size: Some(1_000_000), ..Held::default() });
    bench.settle(1).await;
    let mails = bench.notebook.mails();
    assert_eq!((&mails[0].raw, &mails[1].raw), (&mail("a"), &mail("b")));
    assert!(mails[2].headers_only);
}

#[tokio::test]
async fn a_ledger_that_cannot_write_is_tried_again_and_nothing_is_lost() {
    let mut bench = Bench::new().await;
    bench.deliver(2);
    bench.notebook.refuse_writes(1);
    assert_eq!(bench.settle(2).await, 1);
    assert_eq!(bench.notebook.uids(), [1, 2]);
}

#[tokio::test]
async fn pauses_grow_from_a_second_to_five_minutes_and_a_refused_login_waits_longer() {
    let mut bench = Bench::new().await;
    let mut pauses = Vec::new();
    for _ in 0..10 {
        bench.server.fault("SELECT", Fault::Bye);
        let Next::Retry(pause) = bench.worker.step().await else { panic!("it worked") };
        pauses.push(pause.as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    bench.settle(1).await;
    bench.server.fault("UID SEARCH", Fault::Bye);
    assert_eq!(bench.worker.step().await, Next::Retry(Duration::from_secs(1)));
    bench.server.fault("LOGIN", Fault::No);
    assert_eq!(bench.worker.step().await, Next::Retry(Duration::from_secs(30)));
}

#[tokio::test]
async fn a_greeting_that_skips_the_login_is_refused() {
    let mut bench = Bench::new().await;
    bench.server.state().greeting = "* PREAUTH come in".to_owned();
    assert!(matches!(bench.worker.step().await, Next::Retry(_)));
    assert!(bench.status().last_error.unwrap().contains("PREAUTH"));
}

#[tokio::test]
async fn new_mail_wakes_an_idling_worker_and_one_that_polls() {
    for (idle, capabilities) in [(true, "IMAP4rev1 IDLE"), (true, "IMAP4rev1"), (false, "IMAP4rev1 IDLE")] {
        let mut bench = Bench::with(|options| options.idle = idle).await;
        bench.server.state().capabilities = capabilities.to_owned();
        bench.settle(1).await;
        let server = bench.server.clone();
        let delivery = tokio::spawn(async move {
            // Only once the worker has asked: by IDLE or by NOOP.
            while server.asked("IDLE") + server.asked("NOOP") == 0 {
                tokio::task::yield_now().await;
            }
            server.deliver(mail("new"));
        });
        while bench.notebook.uids().is_empty() {
            assert_eq!(bench.worker.wait(std::future::pending()).await, Next::Again);
            bench.settle(1).await;
        }
        delivery.await.unwrap();
        assert_eq!(bench.server.asked("DONE") > 0, idle && capabilities.contains("IDLE"));
    }
}

#[tokio::test]
async fn an_idle_that_the_server_refuses_or_drops_is_noticed() {
    let mut bench = Bench::new().await;
    bench.settle(1).await;
    bench.server.fault("IDLE", Fault::No);
    assert_eq!(bench.worker.wait(std::future::pending()).await, Next::Again);
    assert!(bench.server.asked("NOOP") > 0, "polls instead");

    for fault in [Fault::Bye, Fault::Stall] {
        let mut bench = Bench::new().await;
        bench.settle(1).await;
        bench.server.fault("IDLE", fault);
        assert!(matches!(bench.worker.wait(std::future::pending()).await, Next::Retry(_)), "{fault:?}");
        assert!(!bench.status().connected);
    }
}

#[tokio::test]
async fn a_nudge_ends_a_wait() {
    let mut bench = Bench::new().await;
    bench.settle(1).await;
    bench.worker.nudge().notify_one();
    assert_eq!(bench.worker.wait(std::future::pending()).await, Next::Again);
    assert!(bench.status().connected);
}

#[tokio::test]
async fn a_worked_mail_is_moved_by_what_the_server_can_do_and_left_where_it_can_do_nothing() {
    for (capabilities, result) in [
        ("IMAP4rev1 MOVE UIDPLUS", MoveResult::Moved),
        ("IMAP4rev1 UIDPLUS", MoveResult::Moved),
        ("IMAP4rev1", MoveResult::Refused("the server has neither MOVE nor UIDPLUS".to_owned())),
    ] {
        let mut bench = Bench::new().await;
        bench.server.state().capabilities = capabilities.to_owned();
        bench.deliver(2);
        bench.settle(1).await;
        bench.notebook.wants_moved(2, Folder::Done);
        bench.settle(1).await;
        assert_eq!(bench.notebook.moved(), [(2, result.clone())], "{capabilities}");
        let state = bench.server.state();
        let moved = result == MoveResult::Moved;
        assert_eq!(state.folders["\"&bggwfw-\""].len(), usize::from(moved), "{capabilities}");
        assert_eq!(state.inbox.len(), if moved { 1 } else { 2 });
        assert!(!state.log.iter().any(|line| line == "EXPUNGE"), "a plain EXPUNGE would delete others' mails");
    }
}

#[tokio::test]
async fn a_mail_is_not_moved_where_it_is_another_or_gone_or_the_folder_is_off() {
    let mut bench = Bench::new().await;
    bench.deliver(4);
    bench.settle(1).await;
    for uid in 1..=3 {
        bench.notebook.wants_moved(uid, Folder::Human);
    }
    bench.notebook.wants_moved(4, Folder::Parked);
    bench.server.state().inbox.get_mut(&1).unwrap().bytes = mail("another");
    bench.server.state().inbox.remove(&2);
    bench.settle(1).await;
    assert_eq!(
        bench.notebook.moved(),
        [(1, MoveResult::NotTheSame), (2, MoveResult::Gone), (3, MoveResult::Moved), (4, MoveResult::Off)]
    );
    assert_eq!(bench.server.uids(), [1, 4]);
}

#[tokio::test]
async fn a_mail_of_an_old_uidvalidity_is_not_moved() {
    let mut bench = Bench::new().await;
    bench.deliver(1);
    bench.settle(1).await;
    bench.notebook.wants_moved(1, Folder::Done);
    bench.server.state().uid_validity = 8;
    bench.server.fault("UID SEARCH", Fault::Bye);
    bench.settle(2).await;
    assert_eq!(bench.notebook.moved(), []);
    assert_eq!(bench.server.uids(), [1]);
}

#[tokio::test]
async fn a_move_that_breaks_the_connection_each_time_does_not_hold_up_the_mail() {
    let mut bench = Bench::new().await;
    bench.deliver(2);
    bench.settle(1).await;
    bench.notebook.wants_moved(1, Folder::Done);
    bench.notebook.wants_moved(2, Folder::Done);
    for _ in 0..3 {
        bench.server.fault("UID MOVE", Fault::Bye);
    }
    bench.deliver(1);
    bench.settle(4).await;
    assert_eq!(bench.notebook.uids(), [1, 2, 3]);
    let moved = bench.notebook.moved();
    assert!(matches!(moved[..], [(1, MoveResult::Refused(_)), (2, MoveResult::Moved)]), "{moved:?}");
}

#[tokio::test]
async fn a_mailbox_that_was_put_back_from_a_copy_is_told() {
    let mut bench = Bench::new().await;
    bench.deliver(3);
    bench.settle(1).await;
    assert_eq!(bench.status().notes, Vec::<String>::new());
    {
        let mut state = bench.server.state();
        state.inbox.clear();
        state.uid_next = 2;
    }
    bench.server.fault("UID SEARCH", Fault::Bye);
    bench.settle(2).await;
    assert_eq!(bench.status().notes.len(), 1);
    assert!(bench.status().notes[0].contains("UIDVALIDITY"));
}

#[tokio::test]
async fn a_folder_that_somebody_deleted_is_made_again() {
    let mut bench = Bench::new().await;
    bench.deliver(1);
    bench.settle(1).await;
    bench.server.state().folders.clear();
    bench.notebook.wants_moved(1, Folder::Human);
    bench.settle(1).await;
    assert_eq!(bench.notebook.moved(), [(1, MoveResult::Moved)]);
    assert_eq!(bench.server.state().folders["\"Human\""].len(), 1);
}

#[tokio::test]
async fn a_read_only_inbox_is_read_and_nothing_is_moved() {
    let mut bench = Bench::new().await;
    bench.server.state().read_only = true;
    bench.deliver(1);
    bench.settle(1).await;
    bench.notebook.wants_moved(1, Folder::Done);
    bench.settle(1).await;
    assert!(matches!(bench.notebook.moved()[0].1, MoveResult::Refused(_)));
    assert_eq!(bench.status().notes.len(), 1);
}

#[tokio::test]
async fn a_running_worker_ends_soon_after_the_stop() {
    let bench = Bench::new().await;
    bench.deliver(3);
    let mut status = bench.worker.status();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(bench.worker.run(stopping));
    status.wait_for(|status| status.drained == Some(4)).await.unwrap();
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap();
    assert_eq!(bench.notebook.uids(), [1, 2, 3]);
    assert!(!status.borrow().connected);
}
