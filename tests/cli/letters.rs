//! `ringi letters`, and what `check` says of the templates.

use std::fs;

use crate::{does, lines, refuses, ringi};

#[test]
fn a_letter_is_shown_with_invented_particulars_as_text_and_as_html_without_any_config() {
    let dir = tempfile::tempdir().unwrap();
    let text = does(dir.path(), &["letters", "show", "approval_request"]);
    assert!(text.starts_with("Subject: 【承認のお願い】") && text.contains("\nRef: RG-7K3M9Q "), "{text}");
    let page = does(dir.path(), &["letters", "show", "approval_request", "--language", "en", "--html"]);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">") && page.contains(">Send back</a>"), "{page}");
    let samples = lines(&does(dir.path(), &["letters", "list", "--json"]));
    assert!(samples.iter().any(|line| line["sample"] == "status_mixed" && line["letter"] == "status"));
    assert!(does(dir.path(), &["letters", "list"]).contains("status_mixed"));
    assert!(refuses(dir.path(), &["letters", "show", "stauts"]).contains("`ringi letters list`"));
}

#[test]
fn check_tells_of_letters_that_leave_as_text_alone_and_refuses_html_without_its_text() {
    let dir = tempfile::tempdir().unwrap();
    does(dir.path(), &["init", "desk"]);
    fs::create_dir(dir.path().join("desk/secrets")).unwrap();
    for name in ["imap-password", "smtp-password"] {
        fs::write(dir.path().join("desk/secrets").join(name), "secret\n").unwrap();
    }
    let check = || String::from_utf8(ringi(dir.path(), &["--config", "desk/ringi.toml", "check"]).stderr).unwrap();
    assert!(!check().contains("text alone"), "what `init` wrote is complete");
    let mail = dir.path().join("desk/templates/mail");
    fs::write(mail.join("status.en.txt"), "Our own words.\n").unwrap();
    assert!(check().contains("Letter status.en leaves as text alone"));
    let told = refuses(
        dir.path(),
        &["--config", "desk/ringi.toml", "letters", "show", "status", "--language", "en", "--html"],
    );
    assert!(told.contains("text alone"), "{told}");
    fs::write(mail.join("status.ja.html"), "<p>当社の文面</p>\n{{ nobody.knows }}\n").unwrap();
    let told = refuses(dir.path(), &["--config", "desk/ringi.toml", "check"]);
    assert!(told.contains("desk/templates/mail/status.ja.html:2: "), "{told}");
    assert!(told.contains("its text is not") && told.contains("mail/status.ja.txt"), "{told}");
}
