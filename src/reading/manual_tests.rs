//! What `docs/reading.md` shows about teaching the reader: the page itself is read and tried.

use std::path::Path;
use std::sync::Arc;

use super::{DeskSide, Reader};
use crate::domain::words::{Class, Kind, Verdict};
use crate::rules::Rules;

const PAGE: &str = include_str!("../../docs/reading.md");

/// The rows of the page's table: file, list, entry.
fn entries() -> Vec<(String, String, String)> {
    let row = |line: &str| {
        let cells: Vec<String> =
            line.replace("\\|", "\u{e000}").split('|').map(|cell| cell.trim().replace('\u{e000}', "|")).collect();
        let file = cells.get(1).filter(|file| file.ends_with(".toml"))?;
        Some((file.clone(), cells[2].clone(), cells[3].trim_matches('`').to_owned()))
    };
    PAGE.lines().filter_map(row).collect()
}

/// Adds an entry to a list such as `things.contract_numbers`.
fn add(table: &mut toml::Table, list: &str, entry: &str) {
    match list.split_once('.') {
        Some((section, rest)) => {
            add(table.get_mut(section).and_then(toml::Value::as_table_mut).expect(section), rest, entry);
        }
        None => table.get_mut(list).and_then(toml::Value::as_array_mut).expect(list).push(entry.into()),
    }
}

#[test]
fn a_desk_adds_a_language_with_entries_alone() {
    let entries = entries();
    assert!(entries.len() >= 9, "{entries:?}");
    let folder = tempfile::tempdir().unwrap();
    for file in ["fields.toml", "numbers.toml", "kinds.toml", "verdicts.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(file);
        let mut table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        for (_, list, entry) in entries.iter().filter(|(of, ..)| of == file) {
            add(&mut table, list, entry);
        }
        std::fs::write(folder.path().join(file), table.to_string()).unwrap();
    }
    let mail = PAGE.split("```mail\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let desk = DeskSide { addresses: Vec::new(), domains: vec!["vendor.example".to_owned()] };
    let read = |rules: Rules| {
        let reader = Reader::new(Arc::new(rules));
        let reading = reader.plain(&reader.open(mail.as_bytes()), &desk);
        let answer = reader.open(b"From: a@nordwerk.example\n\nHiermit genehmigt.\n");
        (reading, reader.answer(&answer, &["912345678901".to_owned()]).verdict)
    };

    let (taught, verdict) = read(Rules::load(Some(folder.path())).unwrap());
    let request = taught.request.unwrap();
    assert_eq!((taught.class, request.kind), (Class::Request, Kind::ThirdParty));
    assert_eq!(request.contract_numbers, ["912345678901"]);
    assert_eq!(request.requester.email.as_deref(), Some("p.maas@netzhaus.example"));
    assert_eq!(request.requester.company.as_deref(), Some("Netzhaus GmbH"));
    assert_eq!(request.approver.email.as_deref(), Some("j.albers@nordwerk.example"));
    assert!(request.missing.is_empty(), "{:?}", request.missing);
    assert_eq!(verdict, Verdict::Approve);

    let (untaught, verdict) = read(Rules::load(None).unwrap());
    assert!(untaught.request.is_none_or(|request| request.contract_numbers.is_empty()));
    assert_eq!(verdict, Verdict::Unclear);
}
