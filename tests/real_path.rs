//! The whole path on real servers: a request out of a real Dovecot, letters to a real SMTP server, the reply, the outcome.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

#[path = "support/dovecot.rs"]
mod dovecot;
#[path = "support/letter.rs"]
mod letter;
#[path = "support/mails.rs"]
mod mails;
#[path = "support/smtp_server.rs"]
mod smtp_server;
#[path = "support/wait.rs"]
mod wait;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use dovecot::{Dovecot, PASSWORD};
use letter::Letter;
use mails::{Mail, english_request};
use smtp_server::{Encryption, SmtpServer, Wishes};

const CONTRACTS: &str = "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators
90002001,Redwood Foods Ltd.,,redwood.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Ann Lake <ann@redwood.example>
";

/// The program in a folder of its own, between the two servers.
struct Desk {
    dir: tempfile::TempDir,
    dovecot: Dovecot,
    smtp: SmtpServer,
}

impl Desk {
    fn start(smtp_encryption: Encryption) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let dovecot = Dovecot::start(&["desk"]);
        let smtp = SmtpServer::start_with(&Wishes { encryption: smtp_encryption, login: Some(("desk", "letters")) });
        std::fs::write(dir.path().join("imap-password"), format!("{PASSWORD}\n")).unwrap();
        std::fs::write(dir.path().join("smtp-password"), "letters\n").unwrap();
        std::fs::write(dir.path().join("contracts.csv"), CONTRACTS).unwrap();
        let security = match smtp_encryption {
            Encryption::StartTls => "starttls",
            Encryption::Implicit => "tls",
            Encryption::None => "plain",
        };
        let config = format!(
            r#"[store]
path = "ringi.db"

[[desk]]
name = "support"
address = "desk@vendor.example"
own_domains = ["vendor.example"]
signature = {{ ja = "サポート窓口", en = "Support Desk" }}
reviewers = [{{ name = "ito", address = "ito@vendor.example" }}]
hours = {{ zone = "Asia/Tokyo" }}
trust = {{ authserv_id = "mx.vendor.example" }}

[[desk.mailbox]]
name = "inbox"
kind = "imap"
folders = {{ done = "処理済み", human = "Human", parked = "Parked" }}
server = {{ host = "127.0.0.1", port = {}, user = "desk", password_file = "imap-password", ca_file = "{}" }}

[desk.sending]
kind = "smtp"
server = {{ host = "127.0.0.1", port = {}, security = "{security}", user = "desk", password_file = "smtp-password", ca_file = "{}" }}
"#,
            dovecot.port,
            dovecot.cert.display(),
            smtp.port,
            smtp.ca_file().display()
        );
        std::fs::write(dir.path().join("ringi.toml"), config).unwrap();
        Self { dir, dovecot, smtp }
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("ringi.toml")
    }

    fn ringi(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_ringi")).arg("--config").arg(self.config()).args(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; gives what it printed.
    fn does(&self, arguments: &[&str]) -> String {
        let output = self.ringi(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ringi {arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The letters so far, in the order in which the server took them.
    fn letters(&self) -> Vec<Letter> {
        self.smtp.letters().iter().map(|letter| Letter::read(&letter.bytes)).collect()
    }

    /// Status and reason of the only item of the only request.
    fn standing(&self) -> String {
        let line = self.does(&["requests", "list", "--json"]);
        let request: serde_json::Value = serde_json::from_str(line.trim()).unwrap();
        request["items"][0]["status"].as_str().unwrap().to_owned()
    }
}

/// The daemon; asked to end when the test is done with it.
struct Daemon(Child);

impl Daemon {
    fn start(config: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringi"));
        command.arg("--config").arg(config).arg("run").stdin(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// SIGTERM, then the exit code.
    fn end(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
        wait::until("the daemon's end", || self.0.try_wait().unwrap()).code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The letter as a snapshot: what is drawn at random or depends on the day is taken out.
fn shown(letter: &Letter) -> String {
    let text = format!("To: {}\nSubject: {}\n\n{}", letter.to, letter.subject, letter.text);
    let patterns = [
        ("[a-z2-7]{26}", "TOKEN"),
        ("RG-[0-9A-Z]{6}", "RG-XXXXXX"),
        (r"\d{1,2} [A-Z][a-z]+ 20\d\d \([A-Z][a-z]{2}\)", "DAY"),
    ];
    patterns.iter().fold(text, |text, (pattern, instead)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *instead).into_owned()
    })
}

#[test]
#[ignore = "needs Dovecot and aiosmtpd"]
fn a_request_out_of_a_real_mailbox_is_asked_answered_and_told_by_real_mail() {
    let desk = Desk::start(Encryption::Implicit);
    desk.does(&["contracts", "import", desk.dir.path().join("contracts.csv").to_str().unwrap()]);
    desk.does(&["check"]);
    // The first start: what lies in the mailbox already would be backlog.
    desk.does(&["run", "--until-idle"]);
    desk.dovecot.deliver("desk", &english_request("90002001").bytes());
    desk.does(&["run", "--until-idle"]);
    assert_eq!(desk.standing(), "pending_administrator_review");
    let letters = desk.letters();
    let names: Vec<&str> = letters.iter().map(|letter| letter.name.as_str()).collect();
    assert_eq!(names, ["approval_request", "status"]);
    let envelopes: Vec<_> = desk.smtp.letters().into_iter().map(|letter| (letter.from, letter.to)).collect();
    assert!(envelopes.iter().all(|(from, to)| from == "desk@vendor.example" && to == &["ann@redwood.example"]));

    // From here on the daemon runs; the reply wakes it.
    let daemon = Daemon::start(&desk.config());
    let asking = letters.iter().find(|letter| letter.name == "approval_request").unwrap();
    desk.dovecot.deliver("desk", &Mail::reply(asking, "Approved.").bytes());
    wait::until("the letters about the outcome", || (desk.letters().len() == 5).then_some(()));
    assert_eq!(desk.standing(), "approved", "lists work beside the running daemon");
    wait::until("the moves", || (desk.dovecot.folder("desk", "処理済み").len() == 2).then_some(()));
    assert_eq!(daemon.end(), Some(0));

    let letters = desk.letters();
    for letter in &letters {
        let name = format!("{}_to_{}", letter.name, letter.to.split('@').next().unwrap());
        insta::assert_snapshot!(name, shown(letter));
    }
    let names: Vec<&str> = letters.iter().map(|letter| letter.name.as_str()).collect();
    assert_eq!(names, ["approval_request", "status", "approved", "approved", "decision_recorded"]);
}

#[test]
#[ignore = "needs Dovecot and aiosmtpd"]
fn a_dropped_mail_is_answered_while_the_daemon_idles_and_a_restarted_server_loses_nothing() {
    let mut desk = Desk::start(Encryption::StartTls);
    desk.does(&["contracts", "import", desk.dir.path().join("contracts.csv").to_str().unwrap()]);
    desk.does(&["run", "--until-idle"]);
    let daemon = Daemon::start(&desk.config());
    desk.dovecot.deliver("desk", &english_request("90002001").bytes());
    wait::until("the first letters", || (desk.letters().len() == 2).then_some(()));
    desk.dovecot.stop();
    desk.dovecot
        .deliver("desk", &Mail::from("Eve <eve@operator.example>").subject("Hello").body("Is anybody there?").bytes());
    desk.dovecot.launch();
    let receipt = wait::until("the receipt", || desk.letters().into_iter().find(|letter| letter.name == "receipt"));
    assert_eq!(receipt.to, "eve@operator.example");
    assert_eq!(daemon.end(), Some(0));
}
