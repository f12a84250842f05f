//! A mailbox on a real server: Dovecot over TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/dovecot.rs"]
mod dovecot;
#[path = "support/notebook.rs"]
mod notebook;

use std::sync::Arc;
use std::time::Duration;

use dovecot::{Dovecot, PASSWORD};
use notebook::{Hands, Notebook, identify, mail};
use ringi::domain::outcome::Folder;
use ringi::mailbox::{Folders, ImapOptions, ImapSource, MoveResult, Next, Security, Source, TroubleKind, Worker};
use ringi::secret::Secret;
use ringi::tls::Trust;
use tokio::sync::watch;
use tokio::time::timeout;

const USER: &str = "desk";

fn options(dovecot: &Dovecot) -> ImapOptions {
    ImapOptions {
        host: "127.0.0.1".to_owned(),
        port: dovecot.port,
        security: Security::Tls,
        user: USER.to_owned(),
        password: Secret::new(PASSWORD).into(),
        trust: Trust::CaFile(dovecot.cert.clone()),
        inbox: "INBOX".to_owned(),
        folders: Folders {
            done: Some("稟議/対応済み".to_owned()),
            human: Some("要対応 & 保留".to_owned()),
            parked: None,
        },
        idle: true,
        poll: Duration::from_secs(1),
        command_timeout: Duration::from_secs(20),
    }
}

fn worker(options: ImapOptions, notebook: &Arc<Notebook>) -> Worker<ImapSource, Notebook> {
    let source = ImapSource::new(options).unwrap();
    Worker::new("INBOX", source, Arc::clone(notebook), Hands::new().clock(), identify())
}

#[tokio::test]
#[ignore = "needs Dovecot"]
async fn mails_are_recorded_byte_for_byte_and_moved_into_folders_with_japanese_names() {
    let dovecot = Dovecot::start(&[USER]);
    let notebook = Arc::new(Notebook::default());
    let mut worker = worker(options(&dovecot), &notebook);
    let mut large = mail("large");
    large.extend("0123456789abcdef 稟議\r\n".repeat(40_000).bytes());
    let mut huge = mail("huge");
    huge.extend("0123456789abcdef 稟議\r\n".repeat(200_000).bytes());
    for n in 0..120 {
        dovecot.deliver(USER, &mail(&format!("mail-{n}")));
    }
    dovecot.deliver(USER, &large);
    dovecot.deliver(USER, &huge);
    assert_eq!(worker.step().await, Next::Wait, "{:?}", worker.status().borrow());
    let mails = notebook.mails();
    assert_eq!(mails.len(), 122);
    for n in 0..120 {
        assert!(mails.iter().any(|its| its.raw == mail(&format!("mail-{n}"))), "{n}");
    }
    assert!(mails.iter().any(|its| its.raw == large && !its.headers_only));
    assert!(mails.iter().any(|its| its.headers_only && its.size == huge.len() as u64));
    assert_eq!(worker.status().borrow().drained, Some(123));
    assert_eq!(worker.status().borrow().notes, Vec::<String>::new());

    notebook.wants_moved(1, Folder::Done);
    notebook.wants_moved(2, Folder::Human);
    notebook.wants_moved(3, Folder::Parked);
    assert_eq!(worker.step().await, Next::Wait);
    assert_eq!(notebook.moved(), [(1, MoveResult::Moved), (2, MoveResult::Moved), (3, MoveResult::Off)]);
    assert_eq!(dovecot.folder(USER, "稟議.対応済み"), [mails[0].raw.clone()]);
    assert_eq!(dovecot.folder(USER, "要対応 & 保留"), [mails[1].raw.clone()]);
    assert_eq!(dovecot.folder(USER, "INBOX").len(), 120);
}

#[tokio::test]
#[ignore = "needs Dovecot"]
async fn an_idling_worker_is_woken_by_new_mail() {
    let dovecot = Dovecot::start(&[USER]);
    let notebook = Arc::new(Notebook::default());
    let mut worker = worker(options(&dovecot), &notebook);
    assert_eq!(worker.step().await, Next::Wait);
    let woken = async {
        while notebook.uids().is_empty() {
            assert_eq!(worker.wait(std::future::pending()).await, Next::Again);
            assert_eq!(worker.step().await, Next::Wait);
        }
    };
    let delivery = async { dovecot.deliver(USER, &mail("new")) };
    timeout(Duration::from_secs(20), async { tokio::join!(woken, delivery) }).await.unwrap();
    assert_eq!(notebook.mails()[0].raw, mail("new"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Dovecot"]
async fn a_running_worker_outlives_a_restart_of_the_server_and_misses_no_mail() {
    let mut dovecot = Dovecot::start(&[USER]);
    let notebook = Arc::new(Notebook::default());
    let worker = worker(options(&dovecot), &notebook);
    let mut status = worker.status();
    let (stop, stopping) = watch::channel(false);
    dovecot.deliver(USER, &mail("before"));
    let running = tokio::spawn(worker.run(stopping));
    let long = Duration::from_secs(30);
    timeout(long, status.wait_for(|status| status.drained == Some(2))).await.unwrap().unwrap();

    dovecot.stop();
    timeout(long, status.wait_for(|status| !status.connected)).await.unwrap().unwrap();
    assert_eq!(status.borrow().drained, None);
    dovecot.deliver(USER, &mail("meanwhile"));
    dovecot.launch();
    timeout(long, status.wait_for(|status| status.drained == Some(3))).await.unwrap().unwrap();
    assert_eq!(notebook.uids(), [1, 2]);

    stop.send(true).unwrap();
    timeout(Duration::from_secs(5), running).await.unwrap().unwrap();
}

#[tokio::test]
#[ignore = "needs Dovecot"]
async fn starttls_and_a_pinned_certificate_lead_in_as_well() {
    let dovecot = Dovecot::start(&[USER]);
    dovecot.deliver(USER, &mail("one"));
    let pinned = Trust::PinnedSha256(dovecot.fingerprint);
    // Plain as well: to Dovecot, a connection from its own address is a secure one.
    for (security, port) in [
        (Security::StartTls, dovecot.starttls_port),
        (Security::Tls, dovecot.port),
        (Security::Plain, dovecot.starttls_port),
    ] {
        let options = ImapOptions { security, port, trust: pinned.clone(), ..options(&dovecot) };
        let mut source = ImapSource::new(options).unwrap();
        source.open().await.unwrap();
        assert_eq!(source.uids_after(0).await.unwrap(), [1]);
        source.close().await;
    }
}

#[tokio::test]
#[ignore = "needs Dovecot"]
async fn a_wrong_password_a_wrong_certificate_and_a_wrong_port_are_told_apart() {
    let dovecot = Dovecot::start(&[USER]);
    let good = options(&dovecot);
    let cases = [
        (ImapOptions { password: Secret::new("wrong").into(), ..good.clone() }, TroubleKind::Login),
        (ImapOptions { trust: Trust::PinnedSha256([0; 32]), ..good.clone() }, TroubleKind::Unreachable),
        (ImapOptions { security: Security::StartTls, ..good }, TroubleKind::Stalled),
    ];
    for (options, kind) in cases {
        let options = ImapOptions { command_timeout: Duration::from_secs(4), ..options };
        let trouble = ImapSource::new(options).unwrap().open().await.unwrap_err();
        assert_eq!(trouble.kind, kind, "{trouble}");
        assert!(!trouble.what.contains(PASSWORD) && !trouble.what.contains("wrong"), "{trouble}");
    }
}
