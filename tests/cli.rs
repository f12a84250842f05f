//! The program as a person runs it: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

#[path = "support/wait.rs"]
mod wait;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

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
fn the_demo_works_every_sample_mail_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let account = does(dir.path(), &["demo", "--once"]);
    for heading in ["Mails received", "Requests, and where each item stands", "Letters that left", "Reviewer's tasks"] {
        assert!(account.contains(heading), "{account}");
    }
    let requests = lines(&does(dir.path(), &["--config", CONFIG, "requests", "list", "--json"]));
    let standing = |number: &str| -> Vec<String> {
        let items = requests.iter().flat_map(|request| request["items"].as_array().unwrap());
        items
            .filter(|item| item["contract_number"] == number)
            .map(|item| format!("{} {}", item["status"].as_str().unwrap(), item["reason"].as_str().unwrap_or("-")))
            .collect()
    };
    assert_eq!(standing("90210035"), ["approved -"], "from the CSV, by the bill-to ID's administrator");
    assert_eq!(standing("90450112"), ["approved -"], "forged, unclear, asked again, approved");
    assert_eq!(standing("90120009"), ["denied contract_inactive"]);
    assert_eq!(standing("90450999"), ["denied contract_not_found"]);
    assert_eq!(standing("90770415"), ["pending_vendor_review -"], "the desk administers it");
    let mut denied_and_missing = standing("90330871");
    denied_and_missing.sort();
    assert_eq!(denied_and_missing, ["denied declined", "pending_further_action missing_information"]);
    let mut approved_and_download = standing("90210034");
    approved_and_download.sort();
    assert_eq!(approved_and_download, ["approved -", "pending_vendor_review -"]);

    let mails = lines(&does(dir.path(), &["--config", CONFIG, "mail", "list", "--json"]));
    let taken: Vec<&str> = mails.iter().map(|mail| mail["taken_as"].as_str().unwrap()).collect();
    for what in ["request", "answer", "duplicate", "bounce", "auto_reply", "list", "inquiry", "status_query"] {
        assert!(taken.contains(&what), "{what} in {taken:?}");
    }
    let forged =
        mails.iter().find(|mail| mail["message_id"].as_str().unwrap_or_default().starts_with("forged-")).unwrap();
    assert!(forged["detail"].as_str().unwrap().contains("not counted"), "{forged}");
}

#[test]
fn the_demo_refuses_a_used_folder_and_starts_anew_only_where_it_was_before() {
    let dir = demo();
    assert!(refuses(dir.path(), &["demo", "--once"]).contains("Add --fresh"));
    does(dir.path(), &["demo", "--once", "--fresh"]);
    std::fs::create_dir(dir.path().join("mine")).unwrap();
    std::fs::write(dir.path().join("mine/thesis.txt"), "do not lose").unwrap();
    let told = refuses(dir.path(), &["demo", "--once", "--fresh", "--dir", "mine"]);
    assert!(told.contains("It holds no demo"), "{told}");
    assert!(dir.path().join("mine/thesis.txt").exists());
}

#[test]
fn the_commands_that_the_demo_proposes_can_be_pasted_into_a_shell() {
    let dir = tempfile::tempdir().unwrap();
    let output = ringi(dir.path(), &["demo", "--once", "--dir", "my demo"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("13 mails wait"));
    let account = String::from_utf8(output.stdout).unwrap();
    assert!(!account.contains("request RG-"), "the reference once: {account}");
    let (_, proposed) = account.split_once("Try next").unwrap();
    let commands: Vec<&str> = proposed.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(commands.len() > 4, "{proposed}");
    for command in commands {
        let ran = Command::new("sh").current_dir(dir.path()).args(["-c", command]).output().unwrap();
        assert!(ran.status.success() && !ran.stdout.is_empty(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn a_demo_that_failed_early_can_be_started_anew_and_somebodys_desk_cannot() {
    let dir = demo();
    std::fs::remove_file(dir.path().join("ringi-demo/ringi.db")).unwrap();
    does(dir.path(), &["demo", "--once", "--fresh"]);
    std::fs::write(dir.path().join(CONFIG), "[store]\npath = \"ringi.db\"\n").unwrap();
    assert!(refuses(dir.path(), &["demo", "--once", "--fresh"]).contains("It holds no demo"));
    assert!(dir.path().join("ringi-demo/ringi.db").exists());
}

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
fn the_demo_takes_no_override_of_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .env("RINGI_STORE__PATH", dir.path().join("production.db"))
        .env("RINGI_DESK__0__SENDING__KIND", "smtp")
        .args(["demo", "--once"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(told.matches("RINGI_ variables of the environment are ignored").count(), 1, "{told}");
    assert!(!dir.path().join("production.db").exists());
    assert!(dir.path().join("ringi-demo/ringi.db").exists());
}

/// A demo that stays.
struct Staying(Child);

impl Drop for Staying {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_mail_dropped_into_the_staying_demo_is_worked() {
    let dir = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .arg("demo")
        .stdout(std::fs::File::create(dir.path().join("account")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut staying = Staying(child);
    let account = || std::fs::read_to_string(dir.path().join("account")).unwrap();
    wait::until("the demo to settle", || account().contains("requests list --json").then_some(()));
    let told = refuses(dir.path(), &["demo", "--once", "--fresh"]);
    assert!(told.contains("another ringi works on this database"), "{told}");
    let mail = "From: Eve <eve@operator.example>\r\nTo: desk@vendor.example\r\nSubject: A late question\r\n\
                Message-ID: <late@operator.example>\r\n\r\nIs anybody there?\r\n";
    std::fs::write(dir.path().join("ringi-demo/mailbox/tmp/late"), mail).unwrap();
    std::fs::rename(dir.path().join("ringi-demo/mailbox/tmp/late"), dir.path().join("ringi-demo/mailbox/new/late"))
        .unwrap();
    wait::until("the dropped mail", || {
        let mails = lines(&does(dir.path(), &["--config", CONFIG, "mail", "list", "--json"]));
        mails.into_iter().find(|mail| mail["message_id"] == "late@operator.example" && mail["taken_as"] == "inquiry")
    });
    wait::until("the account of it", || {
        let account = account();
        let (_, news) = account.split_once("Try next")?;
        ["“A late question”", "→ inquiry", "letter "].iter().all(|part| news.contains(part)).then_some(())
    });
    let asked = Command::new("kill").args(["-TERM", &staying.0.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(wait::until("the demo's end", || staying.0.try_wait().unwrap()).code(), Some(0));
}

#[test]
fn every_list_of_the_demo_can_be_had_for_people_and_as_json() {
    let dir = demo();
    for list in [["requests", "list"], ["tasks", "list"], ["mail", "list"], ["outbox", "list"], ["contracts", "list"]] {
        let for_people = does(dir.path(), &["--config", CONFIG, list[0], list[1]]);
        assert!(for_people.lines().count() > 2, "{for_people}");
        let json = does(dir.path(), &["--config", CONFIG, list[0], list[1], "--json"]);
        assert!(lines(&json).len() < for_people.lines().count(), "{list:?}");
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
fn init_writes_a_config_that_check_takes_once_the_passwords_are_there() {
    let dir = tempfile::tempdir().unwrap();
    does(dir.path(), &["init", "desk"]);
    let told = refuses(dir.path(), &["--config", "desk/ringi.toml", "check"]);
    assert!(told.contains("desk/secrets/imap-password") && told.contains("Check the path"), "{told}");
    std::fs::create_dir(dir.path().join("desk/secrets")).unwrap();
    for name in ["imap-password", "smtp-password"] {
        std::fs::write(dir.path().join("desk/secrets").join(name), "secret\n").unwrap();
    }
    let said = does(dir.path(), &["--config", "desk/ringi.toml", "check"]);
    assert!(said.contains("is sound"), "{said}");
    assert!(refuses(dir.path(), &["init", "desk"]).contains("is there already"));
}

#[test]
fn check_names_file_and_line_of_a_broken_rule_and_a_broken_template() {
    let dir = tempfile::tempdir().unwrap();
    does(dir.path(), &["init", "desk"]);
    let letter = dir.path().join("desk/templates/mail/receipt.en.txt");
    let text = std::fs::read_to_string(&letter).unwrap();
    std::fs::write(&letter, format!("{text}\n{{{{ nobody.knows }}}}\n")).unwrap();
    let policy = dir.path().join("desk/rules/policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, text.replace("escalate_after = 3", "escalate_after = \"soon\"")).unwrap();
    let told = refuses(dir.path(), &["--config", "desk/ringi.toml", "check"]);
    let line = text.lines().position(|line| line.starts_with("escalate_after")).unwrap() + 1;
    assert!(told.contains(&format!("desk/rules/policy.toml:{line}: ")), "{told}");
    assert!(told.contains("desk/templates/mail/receipt.en.txt:"), "{told}");
}

#[test]
fn a_bad_register_is_named_by_line_and_nothing_of_it_is_imported() {
    let dir = demo();
    let before = does(dir.path(), &["--config", CONFIG, "contracts", "list", "--json"]);
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    let bad = text.replace("2039-03-31", "2040-03-31").replacen(",desk,", ",somebody,", 1);
    std::fs::write(dir.path().join("bad.csv"), bad).unwrap();
    let told = refuses(dir.path(), &["--config", CONFIG, "contracts", "import", "bad.csv"]);
    assert!(told.contains("bad.csv:7") && told.contains("somebody"), "{told}");
    assert_eq!(does(dir.path(), &["--config", CONFIG, "contracts", "list", "--json"]), before);
}

#[test]
fn importing_the_same_register_again_changes_nothing_and_a_dry_run_says_what_would_change() {
    let dir = demo();
    let again = does(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/contracts.csv", "--json"]);
    let report = &lines(&again)[0];
    assert_eq!(report["unchanged"], 6, "{report}");
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    let fewer: String =
        text.lines().filter(|line| !line.starts_with("90120009")).map(|line| format!("{line}\n")).collect();
    std::fs::write(dir.path().join("fewer.csv"), fewer).unwrap();
    let told = does(dir.path(), &["--config", CONFIG, "contracts", "import", "fewer.csv", "--prune", "--dry-run"]);
    assert_eq!(told, "taken away: 90120009\n");
    assert!(does(dir.path(), &["--config", CONFIG, "contracts", "list"]).contains("90120009"));
    // A file of bill-to IDs, or one that is empty, must never take every contract away.
    let told = refuses(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/bill_to.csv", "--prune"]);
    assert!(told.contains("holds no contract"), "{told}");
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
fn a_dry_run_makes_no_database_and_tells_that_everything_would_be_added() {
    let dir = demo();
    let database = dir.path().join("ringi-demo/ringi.db");
    std::fs::remove_file(&database).unwrap();
    let register = "ringi-demo/contracts.csv";
    let told = does(dir.path(), &["--config", CONFIG, "contracts", "import", register, "--dry-run"]);
    assert_eq!(told.lines().filter(|line| line.starts_with("added: ")).count(), 6, "{told}");
    assert!(!database.exists());
    // Without the bill-to IDs nobody can be asked about one of the contracts.
    let output = ringi(dir.path(), &["--config", CONFIG, "contracts", "import", register]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("administered by a bill-to ID that names nobody: 90210035 (bill-to ID B1001)"), "{told}");
    let output = ringi(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/bill_to.csv"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("Warning"));
}

#[test]
fn a_register_of_its_header_alone_is_a_fault() {
    let dir = demo();
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    std::fs::write(dir.path().join("header.csv"), text.lines().next().unwrap()).unwrap();
    let told = refuses(dir.path(), &["--config", CONFIG, "contracts", "import", "header.csv"]);
    assert!(told.contains("header.csv: the register holds its header and no row."), "{told}");
}

#[test]
fn contracts_are_found_by_a_number_in_any_spelling() {
    let dir = demo();
    let shown = does(dir.path(), &["--config", CONFIG, "contracts", "show", "9021-0034"]);
    assert!(shown.contains("90210034"), "{shown}");
    let listed = does(dir.path(), &["--config", CONFIG, "contracts", "list", "--bill-to", "b-1001", "--json"]);
    assert!(!lines(&listed).is_empty());
}

#[test]
fn a_variable_that_names_no_key_is_told_of() {
    let dir = demo();
    let output = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .env("RINGI_STOREPATH", "elsewhere.db")
        .args(["--config", CONFIG, "contracts", "list"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("RINGI_STOREPATH names no key; write RINGI_SECTION__KEY."), "{told}");
}

#[test]
fn check_does_not_call_sound_what_then_fails() {
    let dir = demo();
    let sound = std::fs::read_to_string(dir.path().join(CONFIG)).unwrap();
    let checked = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}");
        std::fs::write(dir.path().join(CONFIG), sound.replace(from, to)).unwrap();
        ringi(dir.path(), &["--config", CONFIG, "check"])
    };
    std::fs::write(dir.path().join("ringi-demo/password"), "secret\n").unwrap();
    let imap = |trust: &str| {
        format!(
            "kind = \"imap\"\nserver = {{ host = \"imap.vendor.example\", user = \"desk\", password_file = \"password\"{trust} }}"
        )
    };
    let maildir = "kind = \"maildir\"\npath = \"mailbox\"";
    for (from, to, expected) in [
        ("filter = \"warn\"", "filter = \"ringi=loud\"".to_owned(), "the log filter \"ringi=loud\" is none"),
        ("path = \"mailbox\"", "path = \"contracts.csv\"".to_owned(), "contracts.csv: the Maildir is a file."),
        (maildir, imap(", ca_file = \"absent.pem\""), "absent.pem: cannot be read"),
        (maildir, imap(", ca_file = \"contracts.csv\""), "contracts.csv: holds no certificate."),
    ] {
        let output = checked(from, &to);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{to}: {told}");
        assert!(told.contains(expected), "{to}: {told}");
    }
    for (from, to, expected) in [
        (
            "own_domains = [\"vendor.example\"]",
            "own_domains = [\"gmail.com\"]".to_owned(),
            "anybody gets an address at gmail.com",
        ),
        (
            maildir,
            imap(&format!(", certificate_sha256 = \"{}\"", "0f".repeat(32))),
            "everybody on this machine may read ringi-demo/password",
        ),
    ] {
        let output = checked(from, &to);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && told.contains(expected), "{to}: {told}");
    }
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
