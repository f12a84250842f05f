//! An Excel workbook, sheet by sheet and row by row.

use std::io::{BufReader, Read, Seek};

use calamine::{DataRef, Reader, Xlsx};

use super::entries::Entries;
use super::table::{Cell, Header, Kind, Line};

const AS_TEXT: &str = "Format the column as text and write the number again.";

/// A spreadsheet keeps 15 digits of a number; above it others may stand there.
const MOST_SURE: f64 = 1e15;

/// Reads each sheet that has a known name. A workbook of one sheet is known by its header.
pub(super) fn read(source: BufReader<impl Read + Seek>, entries: &mut Entries<'_>) {
    let broken = |error: &dyn std::fmt::Display| format!("the workbook cannot be read: {error}");
    let mut workbook = match Xlsx::new(source) {
        Ok(workbook) => workbook,
        Err(error) => {
            return entries.faults.whole(broken(&error), "Save it as .xlsx again, or as CSV in UTF-8.");
        }
    };
    let names = workbook.sheet_names();
    for name in &names {
        let kind = Kind::of_sheet(name);
        if let Err(error) = sheet(&mut workbook, name, kind, names.len() == 1, entries) {
            let what = format!("sheet `{name}`: {}", broken(&error));
            entries.faults.whole(what, "Save it as .xlsx again, or as CSV in UTF-8.");
        }
    }
}

fn sheet<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
    kind: Option<Kind>,
    is_sole: bool,
    entries: &mut Entries<'_>,
) -> Result<(), calamine::XlsxError> {
    let mut rows = Rows { header: None, name: name.to_owned(), kind, is_sole, is_over: false };
    let mut cells = workbook.worksheet_cells_reader(name)?;
    let mut current: Option<(u32, Vec<Cell>)> = None;
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let value = read_cell(cell.get_value());
        if current.as_ref().is_some_and(|(current, _)| *current != row)
            && let Some((row, cells)) = current.take()
        {
            rows.take(row, cells, entries);
        }
        let (_, cells) = current.get_or_insert_with(|| (row, Vec::new()));
        // A stray cell far to the right is a fault of the header or row, not a reason to fill a million cells.
        let column = usize::try_from(column).unwrap_or(usize::MAX).min(200);
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Text(String::new()));
        }
        if let Some(place) = cells.get_mut(column) {
            *place = value;
        }
        if rows.is_over {
            return Ok(());
        }
    }
    if let Some((row, cells)) = current {
        rows.take(row, cells, entries);
    }
    Ok(())
}

struct Rows {
    header: Option<Header>,
    name: String,
    kind: Option<Kind>,
    is_sole: bool,
    /// Its header was faulty.
    is_over: bool,
}

impl Rows {
    /// The first row with anything in it is the header.
    fn take(&mut self, row: u32, mut cells: Vec<Cell>, entries: &mut Entries<'_>) {
        if cells.iter().all(Cell::is_blank) || self.is_over {
            return;
        }
        let line = usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1);
        let Some(header) = &self.header else {
            if self.kind.is_none() && !self.is_sole {
                let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.sheet()).collect();
                let what = format!("sheet `{}` has a name that says nothing", self.name);
                entries.faults.whole(what, format!("Name it as one of {}, or take it out.", known.join(", ")));
                self.is_over = true;
                return;
            }
            let names: Vec<String> = cells
                .iter()
                .map(|cell| match cell {
                    Cell::Text(text) | Cell::Bad(text, _) => text.clone(),
                    Cell::List(parts) => parts.join(";"),
                })
                .collect();
            // Blank cells behind the header are none.
            let named = names.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
            let names = names.get(..named).unwrap_or_default();
            self.header = Header::read(names, line, self.kind, Some(&self.name), entries.faults);
            self.is_over = self.header.is_none();
            return;
        };
        let width = header.names().len();
        if cells.iter().skip(width).any(|cell| !cell.is_blank()) {
            let what = format!("sheet `{}`: the row has a cell behind the last column of the header", self.name);
            return entries.faults.at(line, what, "Take it out.");
        }
        cells.resize(width, Cell::Text(String::new()));
        entries.row(header, &Line { line, cells });
    }
}

fn read_cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Text(String::new()),
        DataRef::String(text) | DataRef::DateTimeIso(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) if number.abs() >= MOST_SURE => {
            Cell::Bad("a number of more than 15 digits, of which a spreadsheet keeps 15".to_owned(), AS_TEXT)
        }
        // Integral ones are written without a point.
        DataRef::Float(number) => Cell::Text(number.to_string()),
        DataRef::DateTime(at) if at.is_datetime() => match at.as_datetime() {
            Some(at) if at.time() == chrono::NaiveTime::MIN => Cell::Text(at.date().to_string()),
            Some(at) => Cell::Text(at.format("%Y-%m-%d %H:%M:%S").to_string()),
            None => Cell::Bad("a date that is none".to_owned(), "Write it as YYYY-MM-DD."),
        },
        DataRef::DateTime(_) | DataRef::DurationIso(_) => {
            Cell::Bad("a span of time".to_owned(), "Write a day as YYYY-MM-DD.")
        }
        DataRef::Bool(truth) => Cell::Bad(format!("the truth value {truth}"), "Write it as text."),
        DataRef::Error(error) => Cell::Bad(format!("the error {error}"), "Mend the formula, or write the value."),
    }
}
