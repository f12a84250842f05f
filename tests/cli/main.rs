//! The program as a person runs it: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

mod check;
mod config;
mod demo;
mod letters;
mod log;
mod outbox;
mod register;
#[path = "../support/wait.rs"]
mod wait;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn ringi(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringi")).current_dir(dir).args(arguments).output().unwrap()
}

/// Runs a command that must succeed; gives what it printed.
fn does(dir: &Path, arguments: &[&str]) -> String {
    let output = ringi(dir, arguments);
    assert!(output.status.success(), "ringi {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must be refused with exit code 2; gives what it told.
fn refuses(dir: &Path, arguments: &[&str]) -> String {
    let output = ringi(dir, arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "ringi {arguments:?}: {told}");
    told
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn demo() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    does(dir.path(), &["demo", "--once"]);
    dir
}

const CONFIG: &str = "ringi-demo/ringi.toml";

#[test]
fn the_log_has_no_colours_where_stderr_is_no_terminal() {
    let dir = demo();
    let config = std::fs::read_to_string(dir.path().join(CONFIG)).unwrap();
    std::fs::write(dir.path().join(CONFIG), config.replace("filter = \"warn\"", "filter = \"debug\"")).unwrap();
    let output = ringi(dir.path(), &["--config", CONFIG, "run", "--until-idle"]);
    assert!(output.status.success() && !output.stderr.is_empty());
    assert!(!output.stderr.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_list_of_the_demo_can_be_had_for_people_and_as_json() {
    let dir = demo();
    for list in [["requests", "list"], ["tasks", "list"], ["mail", "list"], ["outbox", "list"], ["contracts", "list"]] {
        let for_people = does(dir.path(), &["--config", CONFIG, list[0], list[1]]);
        assert!(for_people.lines().count() > 2, "{for_people}");
        let json = does(dir.path(), &["--config", CONFIG, list[0], list[1], "--json"]);
        // One line a row below the head: each request of the demo has one item.
        assert_eq!(lines(&json).len(), for_people.lines().count() - 1, "{list:?}");
    }
}

#[test]
fn t10_no_command_shows_a_token() {
    let dir = demo();
    let token = regex::Regex::new("[a-z2-7]{26}").unwrap();
    let mut shown = String::new();
    for list in [["requests", "list"], ["mail", "list"], ["outbox", "list"], ["tasks", "list"]] {
        shown.push_str(&does(dir.path(), &["--config", CONFIG, list[0], list[1], "--json"]));
    }
    for request in lines(&does(dir.path(), &["--config", CONFIG, "requests", "list", "--json"])) {
        let reference = request["reference"].as_str().unwrap().to_owned();
        for what in ["show", "timeline"] {
            shown.push_str(&does(dir.path(), &["--config", CONFIG, "requests", what, &reference, "--json"]));
        }
    }
    for letter in lines(&does(dir.path(), &["--config", CONFIG, "outbox", "list", "--json"])) {
        shown.push_str(&does(dir.path(), &["--config", CONFIG, "outbox", "show", &letter["id"].to_string()]));
    }
    for mail in lines(&does(dir.path(), &["--config", CONFIG, "mail", "list", "--json"])) {
        let id = mail["id"].to_string();
        shown.push_str(&does(dir.path(), &["--config", CONFIG, "mail", "show", &id]));
        shown.push_str(&does(dir.path(), &["--config", CONFIG, "mail", "show", &id, "--json"]));
    }
    let found: Vec<&str> = token.find_iter(&shown).map(|hit| hit.as_str()).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_task_is_closed_by_a_configured_reviewer_only() {
    let dir = demo();
    let told = refuses(dir.path(), &["--config", CONFIG, "tasks", "close", "1", "--as", "mallory"]);
    assert!(told.contains("\"mallory\" is no reviewer of the config. Name one of: ito."), "{told}");
    does(dir.path(), &["--config", CONFIG, "tasks", "close", "1", "--as", "ito", "--comment", "done by phone"]);
    let shown = does(dir.path(), &["--config", CONFIG, "tasks", "show", "1"]);
    assert!(shown.contains("by ito: done by phone"), "{shown}");
    assert!(
        refuses(dir.path(), &["--config", CONFIG, "tasks", "close", "1", "--as", "ito"]).contains("closed already")
    );
}

#[test]
fn read_gives_the_fixed_keys_for_a_mail_on_standard_input_and_in_a_file() {
    let dir = demo();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/mails/03-third-party-english.eml");
    let read = does(dir.path(), &["read", "--json", sample.to_str().unwrap()]);
    let mail = &lines(&read)[0];
    let keys: Vec<&str> = mail.as_object().unwrap().keys().map(String::as_str).collect();
    for key in
        ["file", "message_id", "language", "class", "request", "answer", "subject", "from", "visible_text", "evidence"]
    {
        assert!(keys.contains(&key), "{keys:?}");
    }
    assert_eq!(mail["request"]["kind"], "third_party");
    assert_eq!(mail["request"]["contract_numbers"][0], "90450112");
    assert_eq!(mail["request"]["requester"]["email"], "tom.reyes@northgate-it.example");
    assert_eq!(mail["request"]["missing"], Value::Array(Vec::new()));
    assert!(refuses(dir.path(), &["read", "nowhere.eml"]).contains("nowhere.eml"));
}

#[test]
fn read_as_answer_gives_a_verdict_for_the_contracts_that_were_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    let mail =
        "From: Ann <ann@redwood.example>\r\nTo: desk@vendor.example\r\nSubject: Re: approval\r\n\r\nApproved.\r\n";
    std::fs::write(dir.path().join("answer.eml"), mail).unwrap();
    let read = does(dir.path(), &["read", "--as", "answer", "--asked", "90002001", "--json", "answer.eml"]);
    let mail = &lines(&read)[0];
    assert_eq!(mail["class"], "answer");
    assert_eq!(mail["answer"]["verdict"], "approve");
    assert_eq!(mail["request"], Value::Null);
}

#[test]
fn wrong_use_ends_with_code_two_and_says_what_is_right() {
    let dir = tempfile::tempdir().unwrap();
    assert!(refuses(dir.path(), &["requests", "show", "nonsense"]).contains("RG-7K3M9Q"));
    assert!(refuses(dir.path(), &["requests", "list"]).contains("ringi init DIR"));
    assert!(refuses(dir.path(), &["nothing"]).contains("unrecognized subcommand"));
}

#[test]
fn a_database_that_cannot_be_opened_is_named_with_what_to_do() {
    let dir = demo();
    let database = dir.path().join("ringi-demo/ringi.db");
    let everywhere = |expected: &str| {
        for command in [&["mail", "list"][..], &["tasks", "close", "1", "--as", "ito"], &["run", "--until-idle"]] {
            let told = refuses(dir.path(), &[&["--config", CONFIG], command].concat());
            assert!(told.contains("ringi-demo/ringi.db: ") && told.contains(expected), "{command:?}: {told}");
        }
    };
    for leftover in ["ringi.db-wal", "ringi.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join("ringi-demo").join(leftover));
    }
    std::fs::write(&database, "what somebody wrote about contracts, ".repeat(100)).unwrap();
    everywhere("the file is no SQLite database. Name Ringi's own database in `store.path`");
    let told = refuses(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/contracts.csv"]);
    assert!(told.contains("is no SQLite database"), "{told}");
    assert!(refuses(dir.path(), &["--config", CONFIG, "check"]).contains("is no SQLite database"));
    std::fs::remove_file(&database).unwrap();
    assert!(refuses(dir.path(), &["--config", CONFIG, "mail", "list"]).contains("there is no database yet. Start"));
    std::fs::create_dir(&database).unwrap();
    everywhere("the database is a folder. Name a file");
    std::fs::remove_dir(&database).unwrap();
    std::fs::write(&database, "").unwrap();
    let told = refuses(dir.path(), &["--config", CONFIG, "mail", "list"]);
    assert!(told.contains("the database is empty. Start `ringi run` once"), "{told}");
    does(dir.path(), &["--config", CONFIG, "run", "--until-idle"]);
    does(dir.path(), &["--config", CONFIG, "contracts", "list"]);
}

#[test]
fn a_desk_that_is_no_domain_is_wrong_use_of_read() {
    let dir = tempfile::tempdir().unwrap();
    for desk in ["", "no domain", "ito@vendor.example"] {
        assert!(
            refuses(dir.path(), &["read", "--desk", desk, "-"]).contains("one looks like vendor.example"),
            "{desk}"
        );
    }
}

#[test]
fn a_number_that_is_none_is_told_in_words() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&["mail", "show", "abc"][..], &["outbox", "show", "-1"], &["tasks", "show", "RG-7K3M9Q"]] {
        let told = refuses(dir.path(), arguments);
        assert!(!told.contains("invalid digit"), "{told}");
    }
    assert!(refuses(dir.path(), &["mail", "show", "abc"]).contains("one looks like 12"));
    assert!(refuses(dir.path(), &["mail", "list", "--limit", "all"]).contains("one looks like 200"));
}

#[test]
fn lists_and_details_say_what_helps_and_nothing_else() {
    let dir = demo();
    let output = ringi(dir.path(), &["--config", CONFIG, "mail", "list", "--taken-as", "bogus"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("No mails taken as bogus; known: request, answer,") && told.contains("backlog"), "{told}");
    let letters = does(dir.path(), &["--config", CONFIG, "outbox", "list"]);
    let widest = letters.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 120 && !letters.contains("written as"), "{letters}");
    for request in lines(&does(dir.path(), &["--config", CONFIG, "requests", "list", "--json"])) {
        let shown = does(dir.path(), &["--config", CONFIG, "requests", "show", request["reference"].as_str().unwrap()]);
        assert!(!shown.contains("Asked\nLetters"), "{shown}");
    }
    assert!(does(dir.path(), &["help"]).contains("Usage: ringi"));
}

#[test]
fn a_reader_that_goes_away_early_is_no_failure() {
    let dir = demo();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .args(["--config", CONFIG, "mail", "show", "1", "--raw"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Long before the mail is found.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[test]
fn the_log_of_a_first_start_says_how_mails_from_before_are_seen_and_worked() {
    let dir = demo();
    let config = std::fs::read_to_string(dir.path().join(CONFIG)).unwrap();
    let config = config
        .replace("backlog = \"process\"", "backlog = \"human\"")
        .replace("filter = \"warn\"", "filter = \"info\"");
    std::fs::write(dir.path().join(CONFIG), config.replace("path = \"mailbox\"", "path = \"old\"")).unwrap();
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(dir.path().join("ringi-demo/old").join(folder)).unwrap();
    }
    let mail = dir.path().join("ringi-demo/old/new/old");
    std::fs::write(&mail, "From: a@operator.example\r\nSubject: Old\r\n\r\nOld.\r\n").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400);
    std::fs::File::options().write(true).open(&mail).unwrap().set_modified(long_ago).unwrap();
    std::fs::remove_file(dir.path().join("ringi-demo/ringi.db")).unwrap();
    let output = ringi(dir.path(), &["--config", CONFIG, "run", "--until-idle"]);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("see `ringi mail list --taken-as backlog`; backlog = \"process\" works such mails"), "{log}");
}
