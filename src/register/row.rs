//! One row's cells, each read into what its column holds; whatever does not fit is a fault with line and column.

use super::Reading;
use super::faults::{Complaint, Faults};
use super::table::{Cell, Header, Line};
use super::value;

/// A cell longer than this is no cell, but a broken file. In characters.
const LONGEST: usize = 10_000;

/// Reads the cells of one row.
pub(super) struct Row<'a> {
    pub(super) header: &'a Header,
    pub(super) line: &'a Line,
    pub(super) reading: Reading<'a>,
    pub(super) faults: &'a mut Faults,
}

impl Row<'_> {
    /// Names a fault of one column.
    pub(super) fn fault(&mut self, column: &str, (what, remedy): Complaint) {
        let place = self.header.sheet.as_ref().map(|sheet| format!("sheet `{sheet}`: ")).unwrap_or_default();
        self.faults.at(self.line.line, format!("{place}column `{column}` {what}"), remedy);
    }

    /// Whether nothing stands in the cell.
    pub(super) fn is_blank(&self, column: &str) -> bool {
        self.header.cell(self.line, column).is_none_or(Cell::is_blank)
    }

    /// The cell's text; `None` where it is blank or, with a fault, no text of one line.
    pub(super) fn text(&mut self, column: &'static str) -> Option<String> {
        match self.header.cell(self.line, column)? {
            Cell::Text(text) => self.sound(column, text.trim()),
            Cell::List(_) => {
                self.fault(column, ("holds a list".into(), "Write one value.".into()));
                None
            }
            Cell::Bad(what, remedy) => {
                self.fault(column, (format!("holds {what}"), (*remedy).to_owned()));
                None
            }
        }
    }

    fn sound(&mut self, column: &'static str, text: &str) -> Option<String> {
        if text.len() > LONGEST && text.chars().nth(LONGEST).is_some() {
            let remedy = "Look for a quotation mark that opens too early, or shorten it.";
            self.fault(column, (format!("holds more than {LONGEST} characters"), remedy.into()));
            None
        } else if text.chars().any(char::is_control) {
            let remedy = "Write it on one line; lists are separated by `;`.";
            self.fault(column, ("holds a line break or another control character".into(), remedy.into()));
            None
        } else {
            (!text.is_empty()).then(|| text.to_owned())
        }
    }

    /// The cell's text, which must not be blank.
    pub(super) fn required(&mut self, column: &'static str, remedy: &str) -> Option<String> {
        if self.is_blank(column) {
            self.fault(column, ("is blank".into(), remedy.into()));
        }
        self.text(column)
    }

    /// The cell as a value; `None` where it is blank or, with a fault, no such value.
    pub(super) fn value<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str, Reading<'_>) -> Result<T, Complaint>,
    ) -> Option<T> {
        let text = self.text(column)?;
        self.parsed(column, &text, parse)
    }

    /// The values of a list; those that are none are faults.
    pub(super) fn list<T: PartialEq>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str, Reading<'_>) -> Result<T, Complaint>,
    ) -> Vec<T> {
        let parts: Vec<String> = match self.header.cell(self.line, column) {
            Some(Cell::List(parts)) => parts.iter().filter_map(|part| self.sound(column, part.trim())).collect(),
            Some(Cell::Text(_) | Cell::Bad(..)) | None => {
                let text = self.text(column).unwrap_or_default();
                value::list(&text).map(str::to_owned).collect()
            }
        };
        let mut values = Vec::new();
        for part in parts {
            if let Some(value) = self.parsed(column, &part, &parse)
                && !values.contains(&value)
            {
                values.push(value);
            }
        }
        values
    }

    fn parsed<T>(
        &mut self,
        column: &str,
        text: &str,
        parse: impl Fn(&str, Reading<'_>) -> Result<T, Complaint>,
    ) -> Option<T> {
        match parse(text, self.reading) {
            Ok(value) => Some(value),
            Err(complaint) => {
                self.fault(column, complaint);
                None
            }
        }
    }
}
