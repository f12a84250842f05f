//! `[[desk]]`: who the desk is, when it works, how strict it is, and where its mail comes from and goes to.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveTime;
use serde::Deserialize;
use toml::Spanned;

use super::file::Checker;
use super::server::{RawServer, ServerUse};
use super::trust;
use super::{Backlog, DeskConfig, FolderNames, MailboxConfig, MailboxKind, PolicyOverrides, Reviewer, SendingConfig};
use crate::domain::address::EmailAddress;
use crate::domain::policy::Signature;
use crate::domain::words::Language;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDesk {
    pub name: Spanned<String>,
    signature: RawSignature,
    address: Spanned<String>,
    #[serde(default)]
    addresses: Vec<Spanned<String>>,
    #[serde(default)]
    own_domains: Vec<Spanned<String>>,
    #[serde(default)]
    reviewers: Vec<RawReviewer>,
    #[serde(default = "english")]
    language: Spanned<String>,
    #[serde(default = "yes")]
    plus_addressing: bool,
    #[serde(default = "human")]
    backlog: Spanned<String>,
    hours: RawHours,
    #[serde(default)]
    trust: trust::RawTrust,
    policy: Option<Spanned<PolicyOverrides>>,
    #[serde(default)]
    mailbox: Vec<RawMailbox>,
    sending: RawSending,
}

fn english() -> Spanned<String> {
    Spanned::new(0..0, "en".to_owned())
}

fn human() -> Spanned<String> {
    Spanned::new(0..0, "human".to_owned())
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSignature {
    ja: String,
    en: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReviewer {
    name: Spanned<String>,
    address: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHours {
    zone: Spanned<String>,
    #[serde(default = "nine")]
    opens: Spanned<String>,
    #[serde(default = "eighteen")]
    closes: Spanned<String>,
}

fn nine() -> Spanned<String> {
    Spanned::new(0..0, "09:00".to_owned())
}

fn eighteen() -> Spanned<String> {
    Spanned::new(0..0, "18:00".to_owned())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMailbox {
    name: Spanned<String>,
    kind: Spanned<String>,
    #[serde(default = "sixty")]
    poll_seconds: Spanned<u64>,
    #[serde(default)]
    folders: RawFolders,
    path: Option<PathBuf>,
    #[serde(default = "inbox")]
    inbox: String,
    #[serde(default = "yes")]
    idle: bool,
    #[serde(default)]
    server: Option<RawServer>,
}

fn sixty() -> Spanned<u64> {
    Spanned::new(0..0, 60)
}

fn inbox() -> String {
    "INBOX".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFolders {
    #[serde(default = "yes", rename = "move")]
    moving: bool,
    #[serde(default = "done")]
    done: String,
    #[serde(default = "for_humans")]
    human: String,
    #[serde(default = "parked")]
    parked: String,
}

impl Default for RawFolders {
    fn default() -> Self {
        Self { moving: true, done: done(), human: for_humans(), parked: parked() }
    }
}

fn done() -> String {
    "Done".to_owned()
}

fn for_humans() -> String {
    "Human".to_owned()
}

fn parked() -> String {
    "Parked".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSending {
    kind: Spanned<String>,
    path: Option<PathBuf>,
    hello: Option<String>,
    server: Option<RawServer>,
}

const ADDRESS: &str = "Write it as desk@vendor.example, without name and brackets.";

const DOMAIN: &str = "Write it as vendor.example, without @ and blanks.";

/// A mail domain in lower case.
fn domain(text: &str) -> Option<String> {
    EmailAddress::parse(&format!("desk@{text}")).map(|address| address.domain())
}

impl RawDesk {
    pub fn checked(self, check: &mut Checker<'_>) -> Option<DeskConfig> {
        let address = check.parsed(&self.address, EmailAddress::parse, "mail address", ADDRESS);
        let mut addresses: Vec<EmailAddress> = address.iter().cloned().collect();
        for raw in &self.addresses {
            let parsed = check.parsed(raw, EmailAddress::parse, "mail address", ADDRESS);
            addresses.extend(parsed.filter(|address| !addresses.contains(address)));
        }
        let own_domains = self.own_domains.iter().filter_map(|raw| check.parsed(raw, domain, "mail domain", DOMAIN));
        let own_domains = own_domains.collect();
        let reviewers = reviewers(check, &self.reviewers, &self.name);
        let language = check.parsed(&self.language, Language::parse, "language", "Write \"ja\" or \"en\".");
        let backlog = check.parsed(
            &self.backlog,
            |text| match text {
                "human" => Some(Backlog::Human),
                "process" => Some(Backlog::Process),
                "ignore" => Some(Backlog::Ignore),
                _ => None,
            },
            "way with the backlog",
            "Write \"human\", \"process\" or \"ignore\".",
        );
        let zone = check.parsed(
            &self.hours.zone,
            |text| text.parse::<chrono_tz::Tz>().ok(),
            "time zone",
            "Write one of the tz database, such as \"Asia/Tokyo\".",
        );
        let opens = time(check, &self.hours.opens);
        let closes = time(check, &self.hours.closes);
        if let (Some(opens), Some(closes)) = (opens, closes)
            && opens >= closes
        {
            check.fault(
                Some(self.hours.closes.span()),
                "the desk closes before it opens",
                "Give `opens` and `closes` as times of one day, such as \"09:00\" and \"18:00\".",
            );
        }
        let (alignment, pin, dkim) = self.trust.checked(check);
        if let Some(policy) = &self.policy
            && let Some((what, remedy)) = policy.as_ref().fault()
        {
            check.fault(Some(policy.span()), what, remedy);
        }
        let mailboxes = mailboxes(check, self.mailbox, &self.name);
        let sending = self.sending.checked(check);
        Some(DeskConfig {
            name: self.name.into_inner(),
            signature: Signature { japanese: self.signature.ja, english: self.signature.en },
            address: address?,
            addresses,
            own_domains,
            reviewers,
            language: language?,
            plus_addressing: self.plus_addressing,
            zone: zone?,
            opens: opens?,
            closes: closes?,
            alignment: alignment?,
            pin,
            dkim: dkim?,
            backlog: backlog?,
            policy: self.policy.map(Spanned::into_inner).unwrap_or_default(),
            mailboxes,
            sending: sending?,
        })
    }
}

fn reviewers(check: &mut Checker<'_>, raw: &[RawReviewer], desk: &Spanned<String>) -> Vec<Reviewer> {
    if raw.is_empty() {
        check.fault(
            Some(desk.span()),
            "the desk has no reviewer",
            "Add one to `reviewers`: somebody must be told what only a person can settle.",
        );
    }
    let mut names = BTreeSet::new();
    let mut reviewers = Vec::new();
    for one in raw {
        if !names.insert(one.name.as_ref().clone()) {
            check.fault(
                Some(one.name.span()),
                format!("the reviewer {:?} is there twice", one.name.as_ref()),
                "Give each reviewer a name of their own.",
            );
        }
        if let Some(address) = check.parsed(&one.address, EmailAddress::parse, "mail address", ADDRESS) {
            reviewers.push(Reviewer { name: one.name.as_ref().clone(), address });
        }
    }
    reviewers
}

fn time(check: &mut Checker<'_>, raw: &Spanned<String>) -> Option<NaiveTime> {
    let parse = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    check.parsed(raw, parse, "time of day", "Write it as \"09:00\".")
}

fn mailboxes(check: &mut Checker<'_>, raw: Vec<RawMailbox>, desk: &Spanned<String>) -> Vec<MailboxConfig> {
    if raw.is_empty() {
        check.fault(Some(desk.span()), "the desk has no mailbox", "Add a [[desk.mailbox]].");
    }
    let mut names = BTreeSet::new();
    let mut mailboxes = Vec::new();
    for mailbox in raw {
        if !names.insert(mailbox.name.as_ref().clone()) {
            check.fault(
                Some(mailbox.name.span()),
                format!("the mailbox {:?} is there twice", mailbox.name.as_ref()),
                "Give each mailbox of a desk a name of its own.",
            );
        }
        mailboxes.extend(mailbox.checked(check));
    }
    mailboxes
}

impl RawMailbox {
    fn checked(self, check: &mut Checker<'_>) -> Option<MailboxConfig> {
        let kind = match (self.kind.as_ref().as_str(), self.server, self.path) {
            ("imap", Some(server), None) => MailboxKind::Imap {
                server: server.checked(check, ServerUse::Imap)?,
                inbox: self.inbox,
                idle: self.idle,
            },
            ("maildir", None, Some(path)) => MailboxKind::Maildir { path: check.path(&path) },
            ("imap", None, _) | ("maildir", _, None) => {
                check.fault(
                    Some(self.kind.span()),
                    format!("a mailbox of kind {} lacks where it is", self.kind.as_ref()),
                    "Give `server` with kind = \"imap\", or `path` with kind = \"maildir\".",
                );
                return None;
            }
            ("imap" | "maildir", Some(_), Some(_)) => {
                check.fault(
                    Some(self.kind.span()),
                    "a mailbox has both `server` and `path`",
                    "Keep `server` with kind = \"imap\", or `path` with kind = \"maildir\".",
                );
                return None;
            }
            (other, ..) => {
                check.fault(
                    Some(self.kind.span()),
                    format!("{other:?} is no kind of mailbox"),
                    "Write \"imap\" or \"maildir\".",
                );
                return None;
            }
        };
        check.at_least_one(&self.poll_seconds, "poll_seconds");
        self.folders.check(check, &self.name);
        if let MailboxKind::Imap { inbox, .. } = &kind
            && self.folders.moving
            && [&self.folders.done, &self.folders.human, &self.folders.parked]
                .iter()
                .any(|f| f.eq_ignore_ascii_case(inbox))
        {
            check.fault(
                Some(self.name.span()),
                format!("worked mails would go into {inbox}, where they lie already"),
                "Give `done`, `human` and `parked` folders of their own, or write move = false.",
            );
        }
        let folders = self.folders;
        Some(MailboxConfig {
            name: self.name.into_inner(),
            poll: Duration::from_secs(self.poll_seconds.into_inner()),
            folders: folders.moving.then_some(FolderNames {
                done: folders.done,
                human: folders.human,
                parked: folders.parked,
            }),
            kind,
        })
    }
}

impl RawFolders {
    /// A mail's folder tells what became of it.
    fn check(&self, check: &mut Checker<'_>, mailbox: &Spanned<String>) {
        let names = [self.done.as_str(), &self.human, &self.parked];
        let distinct: BTreeSet<&str> = names.into_iter().collect();
        if self.moving && (distinct.len() < names.len() || names.iter().any(|name| name.trim().is_empty())) {
            check.fault(
                Some(mailbox.span()),
                format!("the folders {names:?} are not three different ones"),
                "Give `done`, `human` and `parked` a name each, or write move = false.",
            );
        }
    }
}

impl RawSending {
    fn checked(self, check: &mut Checker<'_>) -> Option<SendingConfig> {
        match (self.kind.as_ref().as_str(), self.server, self.path) {
            ("smtp", Some(server), None) => {
                Some(SendingConfig::Smtp { server: server.checked(check, ServerUse::Smtp)?, hello: self.hello })
            }
            ("maildir", None, Some(path)) => Some(SendingConfig::Maildir { path: check.path(&path) }),
            ("smtp" | "maildir", ..) => {
                check.fault(
                    Some(self.kind.span()),
                    format!("sending by {} needs one place to send to", self.kind.as_ref()),
                    "Give `server` with kind = \"smtp\", or `path` with kind = \"maildir\".",
                );
                None
            }
            (other, ..) => {
                check.fault(
                    Some(self.kind.span()),
                    format!("{other:?} is no way of sending"),
                    "Write \"smtp\" or \"maildir\".",
                );
                None
            }
        }
    }
}
