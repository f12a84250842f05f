//! JSON: an array of objects, or an object of such arrays by the names of sheets. Keys are the columns; lists may be arrays.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::entries::Entries;
use super::table::{Cell, Header, Kind, Line};
use crate::domain::quote::one_line;
use crate::fault::line_of;

const SHAPE: &str =
    "Write an array of objects, or an object with such arrays as `contracts`, `bill_to`, `administrators`, `accounts`.";

/// Reads a file: whole into memory, but not its rows.
pub(super) fn read(source: &mut impl Read, entries: &mut Entries<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes)?;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(_) => {
            entries.faults.whole("the file is JSON and not UTF-8", "Save it as UTF-8.");
            return Ok(());
        }
    };
    if text.trim_start().starts_with('[') {
        rows(text, text, None, entries);
        return Ok(());
    }
    match serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        Ok(sheets) => {
            for (name, raw) in sheets {
                match Kind::of_sheet(&name) {
                    Some(kind) => rows(text, raw.get(), Some(kind), entries),
                    None => {
                        let what = format!("the key {:?} is of no known sheet", one_line(&name, 40));
                        entries.faults.at(line(text, raw.get()), what, SHAPE);
                    }
                }
            }
        }
        Err(error) => entries.faults.at(error.line(), format!("the file is no sound JSON: {error}"), SHAPE),
    }
    Ok(())
}

/// Where a part of the text begins.
fn line(text: &str, part: &str) -> usize {
    line_of(text, offset(text, part))
}

fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// The rows of one array, of the kind that the first one's keys say where `kind` is `None`.
fn rows(text: &str, part: &str, kind: Option<Kind>, entries: &mut Entries<'_>) {
    let objects = match serde_json::from_str::<Vec<&RawValue>>(part) {
        Ok(objects) => objects,
        Err(error) => {
            let line = line(text, part).saturating_add(error.line()).saturating_sub(1);
            return entries.faults.at(line, format!("it is no sound array of JSON: {error}"), SHAPE);
        }
    };
    let sheet = kind.map(Kind::sheet);
    let mut header = kind.map(|kind| Header::whole(kind, sheet));
    // Lines are counted on from row to row: the text may be long.
    let (mut counted, mut line) = (0, 1);
    for raw in objects {
        let start = offset(text, raw.get());
        line += text.as_bytes().get(counted..start).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
        counted = start;
        let Ok(object) = serde_json::from_str::<Map<String, Value>>(raw.get()) else {
            entries.faults.at(line, "the row is no object", SHAPE);
            continue;
        };
        if header.is_none() {
            let names: Vec<String> = object.keys().cloned().collect();
            let kind = Kind::of_columns(&names);
            let Some(kind) = kind else {
                let what = format!("the keys are of no known file: {:?}", one_line(&names.join(","), 60));
                return entries.faults.at(line, what, super::table::remedy());
            };
            header = Some(Header::whole(kind, None));
        }
        let Some(header) = &header else { return };
        let unknown = object.keys().find(|key| !header.names().contains(&key.as_str()));
        if let Some(key) = unknown {
            let remedy = format!("Take it out, or name it as one of {}.", header.names().join(", "));
            entries.faults.at(line, format!("the key {:?} is unknown", one_line(key, 40)), remedy);
            continue;
        }
        let cells = header.names().iter().map(|name| object.get(*name).map_or_else(blank, cell)).collect();
        entries.row(header, &Line { line, cells });
    }
}

fn blank() -> Cell {
    Cell::Text(String::new())
}

fn cell(value: &Value) -> Cell {
    if let Value::Array(parts) = value {
        return match parts.iter().map(single).collect::<Result<Vec<_>, _>>() {
            Ok(parts) => Cell::List(parts),
            Err(bad) => bad,
        };
    }
    single(value).map_or_else(|bad| bad, Cell::Text)
}

fn single(value: &Value) -> Result<String, Cell> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        // 1e15 and 1.0 are no way to write a contract number.
        Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        Value::Number(number) => Err(Cell::Bad(format!("the number {number}"), "Write it as a string.")),
        Value::Bool(truth) => Err(Cell::Bad(format!("the truth value {truth}"), "Write it as a string.")),
        Value::Array(_) => Err(Cell::Bad("a list in a list".to_owned(), "Write a list of values.")),
        Value::Object(person) => match (person.get("email"), person.get("name")) {
            (Some(Value::String(email)), Some(Value::String(name))) => Ok(format!("{name} <{email}>")),
            (Some(Value::String(email)), None | Some(Value::Null)) => Ok(email.clone()),
            _ => Err(Cell::Bad("an object that is no person".to_owned(), "Write {\"email\": …, \"name\": …}.")),
        },
    }
}
