//! `ringi demo`: what it works, where it works, and that it stays by itself.

use std::process::{Child, Command, Stdio};

use crate::{CONFIG, demo, does, lines, refuses, ringi, wait};

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
