//! Each folder of tests/check is something that is wrong, with exactly what is told of it: bad configs, rules, templates
//! and registers. A folder `warning-…` is told of and passes; every other ends with exit code 2. Nothing is changed.
//!
//! A folder holds the files, `expected`, and where needed `command` (without it `check`) and `environment`. With
//! WRITE_EXPECTED set, `expected` is written instead: read it before you keep it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// What is told, how it ended, and whether the files stayed as they were.
fn run(case: &Path) -> (String, Option<i32>, bool) {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files(case) {
        let to = dir.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(&to, bytes).unwrap();
        // Whatever the checkout gave: a secret of others is a case of its own.
        let mode = if case.ends_with("warning-secret-readable-by-others") { 0o644 } else { 0o600 };
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).unwrap();
    }
    let given = |name: &str| fs::read_to_string(case.join(name)).unwrap_or_default();
    let words = given("command");
    let words: Vec<&str> = if words.is_empty() { vec!["check"] } else { words.split_whitespace().collect() };
    let before = files(dir.path());
    let output = Command::new(env!("CARGO_BIN_EXE_ringi"))
        .current_dir(dir.path())
        .env_remove("CREDENTIALS_DIRECTORY")
        .envs(
            given("environment")
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(k, v)| (k.to_owned(), v.to_owned())),
        )
        .args(words)
        .output()
        .unwrap();
    // A register is read bit by bit into a transaction: a database may have been made for it, and holds nothing.
    let mut after = files(dir.path());
    if after.keys().any(|path| path.ends_with("ringi.db")) {
        after.retain(|path, _| !path.to_string_lossy().starts_with("ringi.db"));
        assert_eq!(crate::does(dir.path(), &["contracts", "list", "--json"]), "", "{}", case.display());
    }
    let same = after == before;
    (String::from_utf8(output.stderr).unwrap(), output.status.code(), same)
}

#[test]
fn everything_that_can_be_wrong_is_told_with_its_place_and_what_to_do() {
    let cases = cases();
    assert!(cases.len() >= 80, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let (told, code, same) = run(&case);
        if std::env::var_os("WRITE_EXPECTED").is_some() {
            fs::write(case.join("expected"), &told).unwrap();
        }
        let Ok(expected) = fs::read_to_string(case.join("expected")) else {
            wrong.push(format!("{name}: no expectation; it told:\n{told}"));
            continue;
        };
        if told != expected || told.is_empty() {
            wrong.push(format!("{name}: expected:\n{expected}told:\n{told}"));
        }
        let ends = if name.starts_with("warning-") { 0 } else { 2 };
        if code != Some(ends) {
            wrong.push(format!("{name}: ended with {code:?}:\n{told}"));
        }
        if !same {
            wrong.push(format!("{name}: files were changed"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
