//! The register as a file: contracts, bill-to IDs and their administrators out of CSV.

mod contracts;
mod encoding;
mod faults;
mod row;
mod table;
#[cfg(test)]
mod tests;
mod value;

use std::path::Path;

use chrono_tz::Tz;

use self::faults::Faults;
pub use crate::domain::register::Register;
use crate::fault::Fault;

/// The columns of the contracts' file, in any order.
pub const CONTRACT_COLUMNS: &[&str] = &[
    "contract_number",
    "holder",
    "aliases",
    "domains",
    "addresses",
    "bill_to_id",
    "service_level",
    "issued_at",
    "starts_on",
    "ends_on",
    "serial_numbers",
    "administered_by",
    "administrators",
];

/// The columns of the bill-to IDs' file, in any order.
pub const BILL_TO_COLUMNS: &[&str] = &["bill_to_id", "company", "administrators"];

/// How the register is to be read at a desk.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The desk's zone: an issue date without time is 00:00 there.
    pub zone: Tz,
    /// Domains where anybody gets an address, lower case, from the rules: no company's own.
    pub free_mail: &'a [String],
}

/// Reads a CSV file: the contracts' or the bill-to IDs', told apart by the header. UTF-8 (with or without BOM) or
/// Shift_JIS, as spreadsheets write it.
///
/// # Errors
/// Every fault of the file, each with its line and column: at most 50, then their count. Nothing is half-read.
pub fn read(file: &Path, bytes: &[u8], reading: Reading<'_>) -> Result<Register, Vec<Fault>> {
    let mut faults = Faults::new(file);
    let register = encoding::text(bytes, &mut faults)
        .and_then(|text| table::Table::parse(&text, &mut faults))
        .map(|table| contracts::register(&table, reading, &mut faults));
    faults.or(register.unwrap_or_default())
}
