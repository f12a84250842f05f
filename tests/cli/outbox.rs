//! Orders about letters and mails at the keyboard, with and without a daemon.

use std::process::{Command, Stdio};

use crate::{CONFIG, demo, does, lines, refuses, ringi};

#[test]
fn an_order_without_a_daemon_steps_the_engine_itself_and_says_why_it_is_refused() {
    let dir = demo();
    let told = refuses(dir.path(), &["--config", CONFIG, "outbox", "retry", "1", "2", "--as", "mori"]);
    assert_eq!(
        told,
        "Letter 1 was accepted by the mail server and cannot be called back.\n\
         Letter 2 was accepted by the mail server and cannot be called back.\n"
    );
    let output = ringi(dir.path(), &["--config", CONFIG, "outbox", "drop", "1", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let reply = &lines(&String::from_utf8(output.stdout).unwrap())[0];
    assert_eq!((reply["letter"].as_i64(), reply["done"].as_bool()), (Some(1), Some(false)));
    assert!(refuses(dir.path(), &["--config", CONFIG, "outbox", "hold", "9999"]).contains("there is no letter 9999."));
    assert!(refuses(dir.path(), &["--config", CONFIG, "outbox", "hold"]).contains("<N>..."));
    assert!(
        refuses(dir.path(), &["--config", CONFIG, "outbox", "retry", "--all-held", "--desk", "x"])
            .contains("Name one of: support.")
    );
    does(dir.path(), &["--config", CONFIG, "outbox", "retry", "--all-held"]);
}

#[test]
fn an_order_beside_a_daemon_is_worked_by_it() {
    let dir = demo();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .args(["--config", CONFIG, "run"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    crate::wait::until("the daemon has the lock", || {
        let lock = std::fs::File::open(dir.path().join("ringi-demo/ringi.lock")).unwrap();
        lock.try_lock().is_err().then_some(())
    });
    let told = refuses(dir.path(), &["--config", CONFIG, "outbox", "hold", "1"]);
    assert!(told.contains("Letter 1 was accepted"), "{told}");
    let _ = Command::new("kill").arg(daemon.id().to_string()).status().unwrap();
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn a_mail_is_worked_again_and_lists_are_narrowed() {
    let dir = demo();
    let list =
        |more: &[&str]| lines(&does(dir.path(), &[&["--config", CONFIG, "mail", "list", "--json"][..], more].concat()));
    let all = list(&[]);
    assert!(
        all.iter().all(|mail| mail["from"].is_string() && mail["subject"].is_string() && mail["desk"] == "support")
    );
    assert_eq!(list(&["--desk", "support", "--since", "1d"]).len(), all.len());
    assert_eq!(list(&["--since", "0h"]).len(), 0);
    let human = list(&["--folder", "human"]);
    assert!(!human.is_empty() && human.len() < all.len());
    let mail = human[0]["id"].to_string();
    does(dir.path(), &["--config", CONFIG, "mail", "reprocess", &mail, "--as", "mori"]);
    assert_eq!(list(&["--unworked"]).len(), 1);
    does(dir.path(), &["--config", CONFIG, "run", "--until-idle"]);
    assert_eq!(list(&["--unworked"]).len(), 0);
    assert!(refuses(dir.path(), &["--config", CONFIG, "mail", "list", "--since", "soon"]).contains("3d or 12h"));
    assert!(
        refuses(dir.path(), &["--config", CONFIG, "mail", "list", "--folder", "x"]).contains("done, human, parked")
    );
}
