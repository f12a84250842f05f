//! The operator's log: one line an event, whatever the filter; nobody in full, and no token, at any level.

use std::process::Command;

use crate::{CONFIG, demo, does};

/// What a run over the sample mails logs.
fn log(filter: &str) -> String {
    let dir = demo();
    let demo = dir.path().join("ringi-demo");
    for left in ["ringi.db", "ringi.db-wal", "ringi.db-shm"] {
        let _ = std::fs::remove_file(demo.join(left));
    }
    std::fs::remove_dir_all(demo.join("mailbox")).unwrap();
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(demo.join("mailbox").join(folder)).unwrap();
    }
    let mails = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/mails");
    for mail in std::fs::read_dir(mails).unwrap().map(|entry| entry.unwrap()) {
        std::fs::copy(mail.path(), demo.join("mailbox/new").join(mail.file_name())).unwrap();
    }
    does(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/contracts.csv"]);
    let output = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .env("RINGI_LOG__FILTER", filter)
        .args(["--config", CONFIG, "run", "--until-idle"])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    told
}

#[test]
fn the_operator_s_log_is_there_whatever_the_filter_says_with_references_and_nobody_in_full() {
    let told = log("off");
    assert!(told.lines().all(|line| line.contains(" operator ")), "{told}");
    for pattern in [
        r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ operator mailbox_open mailbox=inbox ",
        r"(?m) operator mail_worked desk=support reference=RG-\w{6} mail=\d+ from=.…@[\w.-]+ taken_as=request$",
        r"(?m) operator letter_written desk=support reference=RG-\w{6} letter=\d+ person=.…@[\w.-]+$",
        r"(?m) operator letter_accepted desk=support reference=RG-\w{6} letter=\d+$",
        r"(?m) operator task_opened desk=support .*cause=\w+ urgent=(true|false)$",
    ] {
        assert!(regex::Regex::new(pattern).unwrap().is_match(&told), "{pattern}:\n{told}");
    }
}

#[test]
fn t10_no_log_at_debug_level_holds_an_address_a_body_or_a_token() {
    let told = log("debug");
    let address = regex::Regex::new(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+").unwrap();
    let token = regex::Regex::new(r"\b[a-z2-7]{26}\b").unwrap();
    for pattern in [address, token] {
        let found: Vec<&str> = pattern.find_iter(&told).map(|hit| hit.as_str()).collect();
        assert!(found.is_empty(), "{found:?}");
    }
    assert!(!told.contains("Northgate"), "no body");
}
