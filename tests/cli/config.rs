//! The config as a person meets it: `init`, `check` and the environment.

use std::process::Command;

use crate::{CONFIG, demo, does, refuses, ringi};

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
