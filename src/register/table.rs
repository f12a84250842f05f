//! A CSV text as rows under a known header, each with its line.

use csv::{ReaderBuilder, StringRecord};

use super::faults::Faults;
use super::{BILL_TO_COLUMNS, CONTRACT_COLUMNS};
use crate::domain::quote::one_line;

/// Which of the two files it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sheet {
    Contracts,
    BillTos,
}

impl Sheet {
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Contracts => CONTRACT_COLUMNS,
            Self::BillTos => BILL_TO_COLUMNS,
        }
    }

    /// Columns behind the others that a file may have.
    const fn optional(self) -> &'static [&'static str] {
        &["agreement"]
    }
}

/// The file's rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) sheet: Sheet,
    /// The header's names, in the file's order.
    names: Vec<&'static str>,
    pub(super) rows: Vec<Line>,
}

/// One row.
#[derive(Debug)]
pub(super) struct Line {
    /// 1-based line on which it begins.
    pub(super) line: usize,
    cells: StringRecord,
}

impl Table {
    /// Reads header and rows. `None`, with faults, where the header is not one of the two; rows that cannot be cut into
    /// cells are faults and left out.
    pub(super) fn parse(text: &str, faults: &mut Faults) -> Option<Self> {
        let mut lines = lines(text, faults).into_iter();
        let Some(header) = lines.next() else {
            faults.whole("the file is empty", header_remedy());
            return None;
        };
        let (sheet, names) = header_of(&header, faults)?;
        let mut rows = Vec::new();
        for row in lines {
            // Spreadsheets leave rows of nothing but commas behind.
            if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if row.cells.len() == names.len() {
                rows.push(row);
            } else {
                let what = format!("the row has {} cells, the header {}", row.cells.len(), names.len());
                faults.at(row.line, what, "Put cells that hold a comma in quotation marks, and leave blank cells in.");
            }
        }
        Some(Self { sheet, names, rows })
    }

    /// A row's cell, trimmed; blank where there is no such column.
    pub(super) fn cell<'a>(&self, row: &'a Line, column: &str) -> &'a str {
        let place = self.names.iter().position(|name| *name == column);
        place.and_then(|place| row.cells.get(place)).unwrap_or_default().trim()
    }
}

/// Every record of the text. One whose quotation marks do not pair is a fault: the parser itself would take all that
/// follows for one cell.
fn lines(text: &str, faults: &mut Faults) -> Vec<Line> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut found = Vec::new();
    let mut place = Place { text, byte: 0, line: 1 };
    let mut cells = StringRecord::new();
    loop {
        let start = reader.position().byte();
        let line = place.line_of_record(start);
        match reader.read_record(&mut cells) {
            Ok(false) => return found,
            Ok(true) => {
                let end = reader.position().byte();
                if quotes(text, start, end) % 2 == 1 {
                    faults.at(
                        line,
                        "a quotation mark has no partner",
                        "Close it, or write it twice where the cell holds one.",
                    );
                } else {
                    found.push(Line { line, cells: cells.clone() });
                }
            }
            Err(error) => {
                faults.at(line, format!("the row cannot be read: {error}"), "Save the sheet as CSV again.");
                return found;
            }
        }
    }
}

/// A place in the text that only moves forward.
struct Place<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl Place<'_> {
    /// The line of the record that the parser finds from `start` on; it skips empty lines, and so does this.
    fn line_of_record(&mut self, start: u64) -> usize {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let rest = self.text.as_bytes().get(self.byte..).unwrap_or_default();
        let mut bytes = rest.iter().copied().peekable();
        while let Some(byte) = bytes.peek().copied() {
            if self.byte >= start && byte != b'\r' && byte != b'\n' {
                break;
            }
            bytes.next();
            self.byte += 1;
            // CRLF is one end of a line, a lone CR another.
            if byte == b'\n' || (byte == b'\r' && bytes.peek() != Some(&b'\n')) {
                self.line += 1;
            }
        }
        self.line
    }
}

fn quotes(text: &str, start: u64, end: u64) -> usize {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let record = text.as_bytes().get(place(start)..place(end)).unwrap_or_default();
    record.iter().filter(|byte| **byte == b'"').count()
}

fn header_of(header: &Line, faults: &mut Faults) -> Option<(Sheet, Vec<&'static str>)> {
    let given: Vec<String> = header.cells.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let has = |column: &str| given.iter().any(|name| name == column);
    let sheet = if has("contract_number") {
        Sheet::Contracts
    } else if has("company") {
        Sheet::BillTos
    } else {
        let shown = one_line(&given.join(","), 60);
        faults.at(header.line, format!("the header is of no known file: {shown:?}"), header_remedy());
        return None;
    };
    let known = sheet.columns();
    let mut sound = true;
    let mut names: Vec<&'static str> = Vec::new();
    for name in &given {
        match known.iter().chain(sheet.optional()).find(|column| *column == name) {
            Some(column) if names.contains(column) => {
                sound = false;
                faults.at(header.line, format!("column `{column}` is there twice"), "Take one of them out.");
            }
            Some(column) => names.push(column),
            None => {
                sound = false;
                let what = format!("column `{}` is unknown", one_line(name, 40));
                faults.at(header.line, what, format!("Take it out, or name it as one of {}.", known.join(", ")));
            }
        }
    }
    for column in known.iter().filter(|column| !has(column)) {
        sound = false;
        let remedy = "Add it; its cells may stay blank where nothing is required.";
        faults.at(header.line, format!("column `{column}` is missing"), remedy);
    }
    sound.then_some((sheet, names))
}

fn header_remedy() -> String {
    format!(
        "Begin the file with `{}` for contracts, or `{}` for bill-to IDs, separated by commas.",
        CONTRACT_COLUMNS.join(","),
        BILL_TO_COLUMNS.join(",")
    )
}
