//! How lists and details are printed: aligned columns for people, one JSON object a line for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Failure;
use crate::config::Config;
use crate::domain::outcome::Reply;
use crate::store::{DeskId, Store};

/// The widest sender in a list, in columns.
pub const FROM_COLUMNS: usize = 32;
/// The widest subject in a list, in columns.
pub const SUBJECT_COLUMNS: usize = 40;

/// Columns of a list. Cells are cut so that a line fits a terminal.
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table under its head.
    pub fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, without blanks at their ends.
    pub fn lines(&self) -> Vec<String> {
        let head: Vec<String> = self.head.iter().map(|cell| (*cell).to_owned()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&head).chain(&self.rows).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0))
            .collect();
        all.iter()
            .map(|row| {
                let cells = row.iter().zip(&widths).map(|(cell, width)| {
                    let padding = width.saturating_sub(cell.width());
                    format!("{cell}{}", " ".repeat(padding))
                });
                cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
            })
            .collect()
    }

    /// Prints the table, or on stderr that there is nothing.
    pub fn print(&self, nothing: &str) -> Result<(), Failure> {
        if self.rows.is_empty() {
            eprintln!("{nothing}");
            return Ok(());
        }
        for line in self.lines() {
            print(&line)?;
        }
        Ok(())
    }
}

/// Prints a line on stdout.
pub fn print(line: &str) -> Result<(), Failure> {
    write(format!("{line}\n").as_bytes())
}

/// Writes bytes to stdout as they are.
pub fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        // A reader that goes away early (`ringi mail list | head`) ends a list; it is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(error.into()),
    }
}

/// Prints a value as one line of JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    match serde_json::to_string(value) {
        Ok(line) => print(&line),
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}

/// `2026-11-20T10:15:00+09:00`: for programs.
pub fn rfc3339(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `2026-11-20 10:15`: for people, in the desk's zone.
pub fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// Cut to a width in columns.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        let wide = out.width() + c.to_string().width();
        if wide >= columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Tells what came of an order: what was done goes to stderr, what was refused is given back.
pub fn told(reply: Reply) -> Vec<String> {
    if !reply.done {
        return reply.lines;
    }
    for line in reply.lines {
        eprintln!("{line}");
    }
    Vec::new()
}

/// Who gives an order: as named, else the user at the keyboard.
pub fn who(name: Option<String>) -> String {
    let user = || ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|variable| std::env::var(variable).ok());
    name.or_else(user).unwrap_or_else(|| "operator".to_owned())
}

/// The desks of the config by their ids in the store, so that each row is told with its own desk and zone.
pub struct Desks {
    known: BTreeMap<DeskId, (String, Tz)>,
    zone: Tz,
}

impl Desks {
    /// Looks the desks up. One that was never run has no row yet, and none to list.
    pub async fn of(config: &Config, store: &Store) -> Result<Self, Failure> {
        let mut known = BTreeMap::new();
        for desk in &config.desks {
            if let Some(id) = store.find_desk(&desk.name).await? {
                known.insert(id, (desk.name.clone(), desk.zone));
            }
        }
        Ok(Self { known, zone: config.desk(None)?.zone })
    }

    /// The zone of that desk; of one that the config does not name any more, that of the first.
    pub fn zone(&self, id: DeskId) -> Tz {
        self.known.get(&id).map_or(self.zone, |(_, zone)| *zone)
    }

    /// Its name; `None` where the config does not name it any more.
    pub fn name(&self, id: DeskId) -> Option<&str> {
        self.known.get(&id).map(|(name, _)| name.as_str())
    }
}

/// The desk that `--desk` names, as the store knows it; `None` for all desks. A desk that was never run has no id yet and
/// nothing to list.
pub async fn desk_id(config: &Config, store: &Store, name: Option<&str>) -> Result<Option<DeskId>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let desk = config.desk(Some(name))?;
    Ok(Some(store.find_desk(&desk.name).await?.unwrap_or(DeskId(0))))
}

/// A path as a shell takes it: in quotation marks where it holds more than plain characters.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | ':' | '@' | '%');
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_or_quotation_marks_stays_one_word_of_the_shell() {
        assert_eq!(quoted(Path::new("./target/ringi")), "./target/ringi");
        assert_eq!(quoted(Path::new("/home/ito/my desk/ringi.toml")), "'/home/ito/my desk/ringi.toml'");
        assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
    }

    #[test]
    fn columns_line_up_under_japanese_as_well() {
        let mut table = Table::new(&["REFERENCE", "HOLDER", "STATUS"]);
        table.row(vec!["RG-7K3M9Q".into(), "株式会社ハルカ".into(), "approved".into()]);
        table.row(vec!["RG-2".into(), "Haruka".into(), "denied".into()]);
        assert_eq!(
            table.lines(),
            [
                "REFERENCE  HOLDER          STATUS",
                "RG-7K3M9Q  株式会社ハルカ  approved",
                "RG-2       Haruka          denied",
            ]
        );
    }
}
