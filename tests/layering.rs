//! Dependencies point one way (DESIGN section 5): cli → app → engine, edges → store, letters, reading → domain.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[path = "support/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each module may use of the others. What is not here may not exist.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("fault", &[]),
    ("secret", &[]),
    ("tls", &["fault"]),
    ("rules", &["domain", "fault"]),
    ("reading", &["domain", "fault", "rules"]),
    ("register", &["domain", "fault"]),
    ("letters", &["domain", "fault"]),
    ("store", &["domain"]),
    ("failure", &["fault", "store"]),
    ("mailbox", &["domain", "fault", "secret", "tls", "store"]),
    ("sending", &["domain", "fault", "secret", "tls", "store"]),
    ("outbox", &["domain", "sending", "store"]),
    ("timers", &["store"]),
    ("dkim", &["domain", "reading"]),
    ("engine", &["dkim", "domain", "letters", "reading", "store"]),
    ("config", &["dkim", "domain", "fault", "reading", "secret", "tls"]),
    (
        "app",
        &[
            "config", "dkim", "domain", "engine", "failure", "fault", "letters", "mailbox", "outbox", "reading",
            "rules", "secret", "sending", "store", "timers",
        ],
    ),
    (
        "cli",
        &[
            "app", "config", "dkim", "domain", "failure", "fault", "letters", "mailbox", "reading", "register",
            "rules", "store",
        ],
    ),
];

/// Marks of I/O, clocks and randomness: none of them in the pure core.
const IMPURE: &[&str] = &[
    "tokio::",
    "sqlx::",
    "lettre::",
    "async_imap::",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Utc::now",
    "Local::now",
    "Instant::now",
    "getrandom",
    "tracing::",
];

fn files() -> Vec<(PathBuf, String)> {
    sources::rust_files(&["src"])
}

/// The module below `src` that a file belongs to.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The text before a file's tests, without comments.
fn code(text: &str) -> String {
    let untested = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    untested.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_stem().unwrap().to_str().unwrap().ends_with("tests")
}

#[test]
fn every_module_uses_only_what_lies_below_it() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(module, may)| (*module, may.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let module = module(&path);
        if module == "lib" || module == "main" || is_test_file(&path) {
            continue;
        }
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("{module} has no place in the layers"));
            continue;
        };
        for (n, line) in code(&text).lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if used != module && allowed.contains_key(used.as_str()) && !may.contains(used.as_str()) {
                    wrong.push(format!("{}:{}: {module} uses {used}", path.display(), n + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn domain_and_reading_do_no_io_and_ask_no_clock() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let module = module(&path);
        if (module != "domain" && module != "reading") || is_test_file(&path) {
            continue;
        }
        for (n, line) in code(&text).lines().enumerate() {
            for mark in IMPURE.iter().filter(|mark| line.contains(**mark)) {
                wrong.push(format!("{}:{}: {mark}", path.display(), n + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_store_speaks_sql() {
    let wrong: Vec<String> = files()
        .iter()
        .filter(|(path, text)| module(path) != "store" && code(text).contains("sqlx"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_has_one_subject_says_it_first_and_fits_a_sitting() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        if !text.starts_with("//! ") {
            wrong.push(format!("{}: its first line does not say what it is about", path.display()));
        }
        let lines = text.lines().count();
        if lines > 520 {
            wrong.push(format!("{}: {lines} lines are two subjects", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
