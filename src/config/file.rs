//! The shape of the file, and the way from what a person wrote to what the program can rely on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::desk::RawDesk;
use super::environment::Lines;
use super::{Config, DeskConfig, MailboxKind, SendingConfig};
use crate::fault::Fault;

/// The file as it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    store: RawStore,
    #[serde(default)]
    rules: RawFolder,
    #[serde(default)]
    templates: RawFolder,
    #[serde(default)]
    log: RawLog,
    #[serde(default)]
    run: RawRun,
    #[serde(default)]
    desk: Vec<RawDesk>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStore {
    path: Spanned<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFolder {
    dir: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    #[serde(default = "info")]
    filter: String,
}

impl Default for RawLog {
    fn default() -> Self {
        Self { filter: info() }
    }
}

fn info() -> String {
    "info".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRun {
    #[serde(default = "thirty")]
    grace_seconds: Spanned<u64>,
}

impl Default for RawRun {
    fn default() -> Self {
        Self { grace_seconds: thirty() }
    }
}

fn thirty() -> Spanned<u64> {
    Spanned::new(0..0, 30)
}

/// Collects faults, each with its place.
pub(super) struct Checker<'a> {
    pub file: &'a Path,
    pub lines: &'a Lines<'a>,
    pub faults: Vec<Fault>,
}

impl Checker<'_> {
    /// Notes a fault at a place of the file.
    pub fn fault(&mut self, span: Option<std::ops::Range<usize>>, what: impl Into<String>, remedy: &str) {
        let fault = Fault::new(what, remedy).in_file(self.file);
        let line = span.and_then(|span| self.lines.at(&span));
        self.faults.push(match line {
            Some(line) => fault.at_line(line),
            None => fault,
        });
    }

    /// A path as the file gives it, taken from the file's folder.
    pub fn path(&self, path: &Path) -> PathBuf {
        match self.file.parent() {
            Some(folder) => folder.join(path),
            None => path.to_path_buf(),
        }
    }

    /// Notes a fault where a number of seconds is none at all.
    pub fn at_least_one(&mut self, seconds: &Spanned<u64>, key: &str) {
        if *seconds.as_ref() == 0 {
            self.fault(Some(seconds.span()), format!("{key} is 0"), "Give at least 1.");
        }
    }

    /// The value, or a fault that says what would be one.
    pub fn parsed<T>(
        &mut self,
        value: &Spanned<String>,
        parse: impl FnOnce(&str) -> Option<T>,
        what: &str,
        remedy: &str,
    ) -> Option<T> {
        let parsed = parse(value.as_ref());
        if parsed.is_none() {
            self.fault(Some(value.span()), format!("{:?} is no {what}", value.as_ref()), remedy);
        }
        parsed
    }
}

pub(super) fn checked(raw: RawConfig, file: &Path, lines: &Lines<'_>) -> Result<Config, Vec<Fault>> {
    let mut check = Checker { file, lines, faults: Vec::new() };
    if raw.store.path.as_ref().as_os_str().is_empty() {
        let remedy = "Name a file, such as \"ringi.db\".";
        check.fault(Some(raw.store.path.span()), "the database's path is empty", remedy);
    }
    check.at_least_one(&raw.run.grace_seconds, "grace_seconds");
    let rules = folder(&mut check, raw.rules, "rules");
    let templates = folder(&mut check, raw.templates, "templates");
    if raw.desk.is_empty() {
        check.fault(None, "there is no desk", "Add a [[desk]] with its address and a [[desk.mailbox]].");
    }
    let mut names = BTreeSet::new();
    let mut desks: Vec<DeskConfig> = Vec::new();
    for desk in raw.desk {
        if !names.insert(desk.name.as_ref().clone()) {
            check.fault(
                Some(desk.name.span()),
                format!("the desk {:?} is there twice", desk.name.as_ref()),
                "Give each desk a name of its own.",
            );
        }
        desks.extend(desk.checked(&mut check));
    }
    places_of_their_own(&mut check, &desks);
    if !check.faults.is_empty() {
        return Err(check.faults);
    }
    Ok(Config {
        file: file.to_path_buf(),
        database: check.path(raw.store.path.as_ref()),
        rules,
        templates,
        log: raw.log.filter,
        grace: Duration::from_secs(raw.run.grace_seconds.into_inner()),
        desks,
    })
}

/// Each mailbox is read by one worker, and no letter is written where mail is read: it would be answered.
fn places_of_their_own(check: &mut Checker<'_>, desks: &[DeskConfig]) {
    let mut read: Vec<(String, String)> = Vec::new();
    for desk in desks {
        for mailbox in &desk.mailboxes {
            let place = match &mailbox.kind {
                MailboxKind::Maildir { path } => path.display().to_string(),
                MailboxKind::Imap { server, inbox, .. } => {
                    let user = server.login.as_ref().map(|login| login.user.as_str()).unwrap_or_default();
                    format!("{inbox} of {user} at {}:{}", server.host.to_lowercase(), server.port)
                }
            };
            let name = format!("{:?} of desk {:?}", mailbox.name, desk.name);
            if let Some((_, other)) = read.iter().find(|(known, _)| *known == place) {
                check.fault(
                    None,
                    format!("the mailboxes {other} and {name} are both {place}"),
                    "Keep one of them: each mail would be worked twice.",
                );
            }
            read.push((place, name));
        }
    }
    for desk in desks {
        let SendingConfig::Maildir { path } = &desk.sending else { continue };
        if let Some((place, name)) = read.iter().find(|(known, _)| *known == path.display().to_string()) {
            check.fault(
                None,
                format!("desk {:?} writes its letters into {place}, which mailbox {name} reads", desk.name),
                "Name another Maildir under `sending`: the desk would read its own letters.",
            );
        }
    }
}

fn folder(check: &mut Checker<'_>, raw: RawFolder, what: &str) -> Option<PathBuf> {
    let dir = raw.dir?;
    let path = check.path(dir.as_ref());
    if !path.is_dir() {
        check.fault(
            Some(dir.span()),
            format!("the folder of {what} {} is not there", path.display()),
            "Make it with `ringi init DIR`, or take the key out to use the built-in ones.",
        );
    }
    Some(path)
}
