//! One row's cells, each read into what its column holds; whatever does not fit is a fault with line and column.

use super::Reading;
use super::faults::{Complaint, Faults};
use super::table::{Line, Table};
use super::value;

/// A cell longer than this is no cell, but a broken file. In characters.
const LONGEST: usize = 10_000;

/// Reads the cells of one row.
pub(super) struct Row<'a> {
    pub(super) table: &'a Table,
    pub(super) row: &'a Line,
    pub(super) reading: Reading<'a>,
    pub(super) faults: &'a mut Faults,
}

impl Row<'_> {
    /// Names a fault of one column.
    pub(super) fn fault(&mut self, column: &str, (what, remedy): Complaint) {
        self.faults.at(self.row.line, format!("column `{column}` {what}"), remedy);
    }

    /// The cell's text; `None` where it is blank or, with a fault, no text of one line.
    pub(super) fn text(&mut self, column: &'static str) -> Option<String> {
        let cell = self.table.cell(self.row, column);
        if cell.chars().nth(LONGEST).is_some() {
            let remedy = "Look for a quotation mark that opens too early, or shorten it.";
            self.fault(column, (format!("holds more than {LONGEST} characters"), remedy.into()));
            None
        } else if cell.chars().any(char::is_control) {
            let remedy = "Write it on one line; lists are separated by `;`.";
            self.fault(column, ("holds a line break or another control character".into(), remedy.into()));
            None
        } else {
            (!cell.is_empty()).then(|| cell.to_owned())
        }
    }

    /// The cell's text, which must not be blank.
    pub(super) fn required(&mut self, column: &'static str, remedy: &str) -> Option<String> {
        if self.table.cell(self.row, column).is_empty() {
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
        let text = self.text(column).unwrap_or_default();
        let mut values = Vec::new();
        for part in value::list(&text) {
            if let Some(value) = self.parsed(column, part, &parse)
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
