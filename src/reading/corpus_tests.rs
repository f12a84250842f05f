//! The corpus in `tests/corpus`: every mail with what a person reads in it, in a half to write rules by and a half to
//! measure them by. `docs/reading.md` says what a label holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::{DeskSide, OpenedMail, Reader};
use crate::domain::words::Verdict;
use crate::rules::Rules;

fn reader() -> Reader {
    Reader::new(Arc::new(Rules::load(None).expect("the embedded rules")))
}

fn desk() -> DeskSide {
    DeskSide { addresses: Vec::new(), domains: vec!["vendor.example".to_owned()] }
}

/// The labels of a half and their mails.
fn labels(half: &str, kind: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(half).join(kind);
    let text = std::fs::read_to_string(folder.join("labels.jsonl")).expect("labels");
    let label = |line: &str| serde_json::from_str::<Value>(line).expect("a label a line");
    text.lines().map(label).map(|label| (folder.join(label["file"].as_str().expect("a file")), label)).collect()
}

fn open(reader: &Reader, file: &Path) -> OpenedMail {
    reader.open(&std::fs::read(file).expect("the mail"))
}

/// Addresses, numbers and the missing list of a request as one comparable text each; `alt` gives equally right readings.
fn keys(request: &Value) -> BTreeMap<&'static str, String> {
    let list = |key: &str| {
        let mut values: Vec<String> =
            request[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_lowercase).collect();
        values.sort();
        values.join(" ")
    };
    let email = |role: &str| request[role]["email"].as_str().unwrap_or_default().to_lowercase();
    BTreeMap::from([
        ("kind", request["kind"].as_str().unwrap_or_default().to_owned()),
        ("contract_numbers", list("contract_numbers")),
        ("bill_to_ids", list("bill_to_ids")),
        ("serial_numbers", list("serial_numbers")),
        ("requester.email", email("requester")),
        ("approver.email", email("approver")),
        ("missing", list("missing")),
    ])
}

/// What a mail was misread in; empty where it was read as a person reads it.
fn misread(reader: &Reader, file: &Path, label: &Value) -> Vec<String> {
    let mail = open(reader, file);
    let reading = reader.plain(&mail, &desk());
    let class = label["class"].as_str().unwrap_or_default();
    if reading.class.as_str() != class {
        return vec![format!("class {class} read as {}", reading.class)];
    }
    let Some(request) = reading.request else { return Vec::new() };
    let read = keys(&serde_json::to_value(&request).expect("a reading")).into_iter().collect::<BTreeMap<_, _>>();
    let wanted = keys(&label["request"]);
    wanted
        .into_iter()
        .filter(|(key, want)| {
            let alternative = label["alt"].get(key).is_some();
            read.get(key) != Some(want) && !alternative && !(*key == "missing" && label["alt"].is_object())
        })
        .map(|(key, want)| format!("{key} {want:?} read as {:?}", read.get(key)))
        .collect()
}

/// The share of mails read without a fault, and the faults.
fn measure(half: &str) -> (f64, String) {
    let reader = reader();
    let labels = labels(half, "requests");
    let faults: Vec<String> = labels
        .iter()
        .map(|(file, label)| (file, misread(&reader, file, label)))
        .filter(|(_, faults)| !faults.is_empty())
        .map(|(file, faults)| format!("{}: {}", file.display(), faults.join("; ")))
        .collect();
    (1.0 - faults.len() as f64 / labels.len() as f64, faults.join("\n"))
}

#[test]
fn the_mails_to_write_by_are_read_as_a_person_reads_them() {
    let (right, faults) = measure("write");
    assert!(right >= 0.95, "{right:.3} of them:\n{faults}");
}

#[test]
fn the_mails_to_measure_by_are_read_as_a_person_reads_them() {
    let (right, faults) = measure("measure");
    assert!(right >= 0.95, "{right:.3} of them:\n{faults}");
}

#[test]
fn r2_no_answer_of_the_corpus_is_taken_for_another_decision() {
    let reader = reader();
    let (mut right, mut all) = (0, 0);
    for (file, label) in ["write", "measure"].iter().flat_map(|half| labels(half, "decisions")) {
        let mail = open(&reader, &file);
        if label["class"].is_string() {
            assert!(mail.noise.is_some(), "{} is no answer of a person", file.display());
            continue;
        }
        let asked: Vec<String> =
            label["asked"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let answer = reader.answer(&mail, &asked);
        let items = serde_json::to_value(&answer.items).expect("items");
        let want = label["verdict"].as_str().unwrap_or_default();
        let same = answer.verdict.as_str() == want
            && (want != "mixed" || items == label["items"] || label["alt"]["items"].is_array());
        all += 1;
        right += usize::from(same);
        let decides = match answer.verdict {
            Verdict::Approve | Verdict::Deny | Verdict::SendBack | Verdict::Mixed => true,
            Verdict::Delegate | Verdict::Question | Verdict::Unclear => false,
        };
        assert!(same || !decides, "{}: {want} was read as {} {items}", file.display(), answer.verdict);
    }
    assert!(right * 100 >= all * 95, "{right} of {all} were read right");
}
