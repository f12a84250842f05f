//! `RINGI_SECTION__KEY` overrides: `RINGI_STORE__PATH`, `RINGI_DESK__0__SENDING__HOST`.

use std::path::Path;

use super::file::RawConfig;
use crate::fault::{Fault, line_of};

/// The variables of this process that are Ringi's, with their values.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    // `std::env::vars` panics at a variable of somebody else that is no UTF-8.
    std::env::vars_os().filter_map(|(key, value)| {
        let key = key.into_string().ok().filter(|key| key.starts_with("RINGI_"))?;
        Some((key, value.to_string_lossy().into_owned()))
    })
}

/// Turns byte offsets of the config's text into lines. Empty where overrides moved everything.
pub(super) struct Lines<'a>(Option<&'a str>);

impl Lines<'_> {
    /// The 1-based line of a span, where spans still mean something.
    pub fn at(&self, span: &std::ops::Range<usize>) -> Option<usize> {
        self.0.map(|text| line_of(text, span.start))
    }
}

pub(super) fn parse_with_overrides<'a>(
    file: &Path,
    text: &'a str,
    overrides: &[(String, String)],
) -> Result<(RawConfig, Lines<'a>), Fault> {
    let broken = |text: &str, error: &toml::de::Error| {
        let fault = Fault::new(
            error.message().trim().to_owned(),
            "Mend the key, or compare with a fresh file from `ringi init DIR`.",
        )
        .in_file(file);
        match error.span() {
            Some(span) => fault.at_line(line_of(text, span.start)),
            None => fault,
        }
    };
    // Faults of the file itself come first: they have lines.
    let raw: RawConfig = toml::from_str(text).map_err(|error| broken(text, &error))?;
    let relevant: Vec<_> = overrides.iter().filter(|(key, _)| key.contains("__")).collect();
    if relevant.is_empty() {
        return Ok((raw, Lines(Some(text))));
    }
    let mut table: toml::Table = toml::from_str(text).map_err(|error| broken(text, &error))?;
    for (key, value) in relevant {
        let path: Vec<String> = key.trim_start_matches("RINGI_").split("__").map(str::to_ascii_lowercase).collect();
        if !set(&mut toml::Value::Table(std::mem::take(&mut table)), &path, value, &mut table) {
            return Err(Fault::new(
                format!("the environment variable {key} names no place in the config"),
                "Write it as RINGI_SECTION__KEY; desks and mailboxes are counted from 0.",
            ));
        }
    }
    let merged = toml::to_string(&table)
        .map_err(|error| Fault::new(format!("the overrides make no config: {error}"), "Check the RINGI_ variables."))?;
    let raw = toml::from_str(&merged).map_err(|error| {
        Fault::new(
            format!("with the overrides of the environment: {}", error.message().trim()),
            "Check the RINGI_ variables.",
        )
    })?;
    Ok((raw, Lines(None)))
}

/// Puts `value` at `path` below `root`, and the result into `into`.
fn set(root: &mut toml::Value, path: &[String], value: &str, into: &mut toml::Table) -> bool {
    let done = put(root, path, value);
    if let toml::Value::Table(table) = std::mem::replace(root, toml::Value::Boolean(false)) {
        *into = table;
    }
    done
}

fn put(place: &mut toml::Value, path: &[String], value: &str) -> bool {
    let Some((key, rest)) = path.split_first() else { return false };
    match place {
        toml::Value::Table(table) if rest.is_empty() => {
            table.insert(key.clone(), parsed(value));
            true
        }
        toml::Value::Table(table) => {
            let inner = table.entry(key.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            put(inner, rest, value)
        }
        toml::Value::Array(array) => {
            let index = key.parse::<usize>().ok();
            match index.and_then(|index| array.get_mut(index)) {
                Some(slot) if rest.is_empty() => {
                    *slot = parsed(value);
                    true
                }
                Some(slot) => put(slot, rest, value),
                None => false,
            }
        }
        _ => false,
    }
}

/// A number, a truth value or a list where it reads as one; else text.
fn parsed(value: &str) -> toml::Value {
    match toml::from_str::<toml::Table>(&format!("value = {value}")) {
        Ok(mut table) => table.remove("value").unwrap_or_else(|| toml::Value::String(value.to_owned())),
        Err(_) => toml::Value::String(value.to_owned()),
    }
}
