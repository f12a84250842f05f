//! The rules of the process, and the tests that hold each: `docs/rules.md` is made from the names of the tests.
//!
//! `RINGI_WRITE_DOCS=1 cargo test --test rules_page` writes the page anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[path = "support/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Each rule in a few words, in the order of the page.
const RULES: &[(&str, &str)] = &[
    ("A1", "One approval letter for each person who can decide, naming all items that wait on that person"),
    ("A2", "It is answered by a reply in words, by a button, or on a page whose GET changes nothing"),
    ("A3", "Limits for unverified senders and for letters to one administrator in a day"),
    ("R1", "An answer is read from its newly written text only"),
    ("R2", "Never guess: what is unclear is asked once more, then shown to a person"),
    ("R3", "Questions and delegations are passed on"),
    ("R4", "The engine decides which mail is an answer"),
    ("T1", "Nothing decides without a live token of this approval and this person"),
    ("T2", "The policy says whether From must be aligned as well"),
    ("T3", "One confirmation to the registered address where a fact is missing"),
    ("T4", "A token from anybody else decides nothing and opens one task"),
    ("T5", "A mail that cannot bear a token is authenticated when From is aligned"),
    ("T6", "The page counts as token alone"),
    ("T7", "Whose Authentication-Results count"),
    ("T8", "What tokens are, where they stand, and which one decides"),
    ("T9", "How long a token holds, and what spends it"),
    ("T10", "Tokens are masked everywhere"),
    ("V1", "A vote is bound to the item as it was shown"),
    ("V2", "A change of what was shown voids votes and tokens"),
    ("V3", "Whose corrections and additions count"),
    ("V4", "Who must agree"),
    ("V5", "The requester never counts, and eligibility is looked up when the answer comes"),
    ("V6", "Late answers change nothing"),
    ("V7", "Looking again at a request that is settled opens a successor"),
    ("H1", "Who hears what, and when"),
    ("H2", "What is not passed on of a decision"),
    ("H3", "A request that fails its domain's policy gets no letter"),
    ("H4", "What approval sets off"),
    ("C1", "The clocks of an approval start when its letter is accepted"),
    ("C2", "Who counts as unreachable"),
    ("C3", "Reminders, escalation and expiry"),
    ("C4", "No clock fires before the mailbox is drained; expired stays"),
    ("C5", "An automatic reply is no answer"),
];

/// Rules that no test is named after, and why. A rule that gets a test must leave this list.
const WITHOUT_A_TEST: &[(&str, &str)] = &[
    ("R3", "not worked yet: such answers go to a person of the desk"),
    ("T6", "there is no page yet"),
    ("V7", "not worked yet: such mails go to a person of the desk"),
    ("H4", "there is no fulfilment hook yet: the letter leaves at once"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The function that a line declares, where it is a test's: the line before it is an attribute.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn "))?;
    rest.split_once('(').map(|(name, _)| name)
}

/// The rules that a name begins with: `t1_t4_a_forged_answer` holds two.
fn rules(name: &str) -> Vec<String> {
    let known = |part: &str| RULES.iter().any(|(rule, _)| *rule == part.to_ascii_uppercase());
    name.split('_').take_while(|part| known(part)).map(str::to_ascii_uppercase).collect()
}

/// Rule → the tests that hold it, each with its file.
fn tests_by_rule() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut found: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (path, text) in sources::rust_files(&["src", "tests"]) {
        let file = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let mut before = "";
        for line in text.lines() {
            if let Some(name) = function(line).filter(|_| before.trim_start().starts_with("#[")) {
                for rule in rules(name) {
                    found.entry(rule).or_default().insert((file.clone(), name.to_owned()));
                }
            }
            before = line;
        }
    }
    found
}

fn page(tests: &BTreeMap<String, BTreeSet<(String, String)>>) -> String {
    let mut page = String::from(
        "# The rules, and the tests that hold them\n\nThis page is made from the names of the tests, which begin with the rule that they hold. Do not edit it:\n`RINGI_WRITE_DOCS=1 cargo test --test rules_page` writes it anew.\n",
    );
    for (rule, gist) in RULES {
        write!(page, "\n## {rule}\n\n{gist}.\n\n").unwrap();
        for (file, name) in tests.get(*rule).into_iter().flatten() {
            writeln!(page, "- `{name}` ({file})").unwrap();
        }
        if let Some((_, why)) = WITHOUT_A_TEST.iter().find(|(without, _)| without == rule) {
            writeln!(page, "- No test: {why}.").unwrap();
        }
    }
    page
}

#[test]
fn each_rule_has_a_test_or_a_reason_for_having_none() {
    let tests = tests_by_rule();
    for (rule, _) in RULES {
        let excused = WITHOUT_A_TEST.iter().any(|(without, _)| without == rule);
        match (tests.contains_key(*rule), excused) {
            (false, false) => panic!("no test begins with {}_: write one", rule.to_ascii_lowercase()),
            (true, true) => panic!("{rule} has a test now: take it out of WITHOUT_A_TEST"),
            (true, false) | (false, true) => {}
        }
    }
}

#[test]
fn the_page_of_rules_is_what_the_tests_say() {
    let path = root().join("docs/rules.md");
    let made = page(&tests_by_rule());
    if std::env::var_os("RINGI_WRITE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/rules.md is outdated: RINGI_WRITE_DOCS=1 cargo test --test rules_page writes it anew");
}
