//! Rows under a known header, whatever file they come from.

use super::faults::Faults;
use crate::domain::quote::one_line;

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Contracts,
    BillTos,
    Administrators,
    Accounts,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Contracts, Self::BillTos, Self::Administrators, Self::Accounts];

    /// The name of its sheet.
    pub const fn sheet(self) -> &'static str {
        match self {
            Self::Contracts => "contracts",
            Self::BillTos => "bill_to",
            Self::Administrators => "administrators",
            Self::Accounts => "accounts",
        }
    }

    /// The kind of a sheet's name.
    pub(super) fn of_sheet(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.sheet().eq_ignore_ascii_case(name.trim()))
    }

    /// The columns that its header must have, in any order.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Contracts => &[
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
            ],
            Self::BillTos => &["bill_to_id", "company", "administrators"],
            Self::Administrators => &["email", "name", "language", "substitute", "substitute_from", "substitute_until"],
            Self::Accounts => &["email", "name", "company", "address", "language"],
        }
    }

    /// The columns that its header may have besides.
    pub const fn optional(self) -> &'static [&'static str] {
        match self {
            Self::Contracts | Self::BillTos => &["agreement"],
            Self::Administrators | Self::Accounts => &[],
        }
    }

    /// The kind of which a table with these columns is, right or wrong in detail.
    pub(super) fn of_columns(given: &[String]) -> Option<Self> {
        let has = |column: &str| given.iter().any(|name| name == column);
        if has("contract_number") {
            Some(Self::Contracts)
        } else if has("substitute") {
            Some(Self::Administrators)
        } else if has("email") {
            Some(Self::Accounts)
        } else if has("bill_to_id") || has("company") {
            Some(Self::BillTos)
        } else {
            None
        }
    }
}

/// The names above a table's columns.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// Where a file has several tables: which one it is.
    pub(super) sheet: Option<String>,
    names: Vec<&'static str>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    /// Only JSON has these.
    List(Vec<String>),
    /// Nothing that any column takes, with what it is and the remedy.
    Bad(String, &'static str),
}

impl Cell {
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::List(parts) => parts.iter().all(|part| part.trim().is_empty()),
            Self::Bad(..) => false,
        }
    }
}

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// 1-based line on which it begins; in a workbook the row.
    pub(super) line: usize,
    pub(super) cells: Vec<Cell>,
}

impl Header {
    /// Reads a header; of the kind that its columns say where `kind` is `None`. `None`, with faults, where it is of no kind or
    /// not whole.
    pub(super) fn read(
        names: &[String],
        line: usize,
        kind: Option<Kind>,
        sheet: Option<&str>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let given: Vec<String> = names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        let place = sheet.map(|sheet| format!("sheet `{sheet}`: ")).unwrap_or_default();
        let Some(kind) = kind.or_else(|| Kind::of_columns(&given)) else {
            let shown = one_line(&given.join(","), 60);
            faults.at(line, format!("{place}the header is of no known file: {shown:?}"), remedy());
            return None;
        };
        let (known, optional) = (kind.columns(), kind.optional());
        let mut sound = true;
        let mut found: Vec<&'static str> = Vec::new();
        for name in &given {
            match known.iter().chain(optional).find(|column| *column == name) {
                Some(column) if found.contains(column) => {
                    sound = false;
                    faults.at(line, format!("{place}column `{column}` is there twice"), "Take one of them out.");
                }
                Some(column) => found.push(column),
                None => {
                    sound = false;
                    let what = format!("{place}column `{}` is unknown", one_line(name, 40));
                    let all: Vec<&str> = known.iter().chain(optional).copied().collect();
                    faults.at(line, what, format!("Take it out, or name it as one of {}.", all.join(", ")));
                }
            }
        }
        for column in known.iter().filter(|column| !given.iter().any(|name| name == *column)) {
            sound = false;
            let remedy = "Add it; its cells may stay blank where nothing is required.";
            faults.at(line, format!("{place}column `{column}` is missing"), remedy);
        }
        sound.then_some(Self { kind, sheet: sheet.map(str::to_owned), names: found })
    }

    /// The kind's own columns as a header.
    pub(super) fn whole(kind: Kind, sheet: Option<&str>) -> Self {
        let names = kind.columns().iter().chain(kind.optional()).copied().collect();
        Self { kind, sheet: sheet.map(str::to_owned), names }
    }

    /// The columns, in the table's order.
    pub(super) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// A row's cell; `None` where there is no such column.
    pub(super) fn cell<'a>(&self, line: &'a Line, column: &str) -> Option<&'a Cell> {
        let place = self.names.iter().position(|name| *name == column)?;
        line.cells.get(place)
    }
}

/// How a file must begin.
pub(super) fn remedy() -> String {
    let begin = Kind::ALL.iter().map(|kind| format!("`{}` for {}", kind.columns().join(","), kind.sheet()));
    format!("Begin with one of these headers: {}.", begin.collect::<Vec<_>>().join(", "))
}
