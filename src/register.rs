//! The register as a file: contracts, bill-to IDs, administrators and accounts out of CSV, Excel workbooks and JSON.

mod csv;
mod encoding;
mod entries;
mod faults;
mod json;
mod row;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod xlsx;

use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use chrono_tz::Tz;

use self::entries::Entries;
use self::faults::Faults;
pub use self::table::Kind;
use crate::domain::register::Entry;
pub use crate::domain::register::Register;
use crate::fault::Fault;

/// How the register is to be read at a desk.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The desk's zone: an issue date without time is 00:00 there.
    pub zone: Tz,
    /// Domains where anybody gets an address, lower case, from the rules: no company's own.
    pub free_mail: &'a [String],
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Xlsx,
    Json,
    /// The old workbooks of Excel, or one under a password.
    OldExcel,
}

/// Reads a file that fits into memory.
///
/// # Errors
/// As [`read_from`].
pub fn read(file: &Path, bytes: &[u8], reading: Reading<'_>) -> Result<Register, Vec<Fault>> {
    let mut register = Register::default();
    read_from(file, Cursor::new(bytes), reading, &mut |entry| register.push(entry))?;
    Ok(register)
}

/// Reads a register file of whatever length, entry by entry: CSV (UTF-8, UTF-16 or Shift_JIS), an Excel workbook or JSON,
/// told apart by what is in it. `file` is how faults name it. Entries arrive until the first fault.
///
/// # Errors
/// Every fault of the file, each with its line (in a workbook its sheet and row) and column: at most 50, then their count.
/// What arrived before is not to be kept then.
pub fn read_from(
    file: &Path,
    source: impl Read + Seek,
    reading: Reading<'_>,
    sink: &mut dyn FnMut(Entry),
) -> Result<(), Vec<Fault>> {
    let mut source = BufReader::new(source);
    let mut faults = Faults::new(file);
    let mut entries = Entries::new(reading, &mut faults, sink);
    let done = match format(&mut source) {
        Ok(Format::Csv) => csv::read(&mut source, &mut entries),
        Ok(Format::Xlsx) => {
            xlsx::read(source, &mut entries);
            Ok(())
        }
        Ok(Format::Json) => json::read(&mut source, &mut entries),
        Ok(Format::OldExcel) => {
            let remedy = "Save it as .xlsx without a password, or as CSV in UTF-8.";
            entries.faults.whole("the file is a workbook of an old Excel, or one under a password", remedy);
            Ok(())
        }
        Err(error) => Err(error),
    };
    if let Err(error) = done {
        entries.faults.whole(format!("the file cannot be read: {error}"), "Name a file that can be read.");
    }
    entries.finish();
    faults.or(())
}

fn format(source: &mut (impl Read + Seek)) -> io::Result<Format> {
    let mut first = Vec::new();
    source.by_ref().take(64).read_to_end(&mut first)?;
    source.rewind()?;
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first);
    Ok(if first.starts_with(b"PK\x03\x04") {
        Format::Xlsx
    } else if first.starts_with(b"\xd0\xcf\x11\xe0") {
        Format::OldExcel
    } else if text.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'[' | b'{')) {
        Format::Json
    } else {
        Format::Csv
    })
}
