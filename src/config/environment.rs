//! `RINGI_SECTION__KEY` overrides: `RINGI_STORE__PATH`, `RINGI_DESK__0__SENDING__SERVER__HOST`.

use std::path::Path;

use super::file::RawConfig;
use super::words::plain;
use crate::fault::{Fault, line_of};

/// The variables of this process that are Ringi's, with their values.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    // `std::env::vars` panics at a variable of somebody else that is no UTF-8.
    std::env::vars_os().filter_map(|(key, value)| {
        let key = key.into_string().ok().filter(|key| key.starts_with("RINGI_"))?;
        Some((key, value.to_string_lossy().into_owned()))
    })
}

/// Whether a variable names a key of the config at all.
pub fn names_a_key(variable: &str) -> bool {
    variable.contains("__")
}

/// Turns byte offsets of the config's text into lines. Empty where overrides moved everything.
pub(super) struct Lines<'a>(Option<&'a str>);

impl<'a> Lines<'a> {
    /// Those of a text.
    pub const fn of(text: &'a str) -> Self {
        Self(Some(text))
    }

    /// None: the text that was read is nobody's file.
    pub const fn none() -> Self {
        Self(None)
    }

    /// The 1-based line of a span, where spans still mean something.
    pub fn at(&self, span: &std::ops::Range<usize>) -> Option<usize> {
        self.0.map(|text| line_of(text, span.start))
    }
}

/// Reads the text as it stands in the file, in whatever shape is asked for.
pub(super) fn read<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let remedy = "Mend the key, or compare with a fresh file from `ringi init DIR`.";
        let fault = Fault::new(plain(error.message()), remedy).in_file(file);
        match error.span() {
            Some(span) => fault.at_line(line_of(text, span.start)),
            None => fault,
        }
    })
}

/// Reads the text with values of the environment in place of its own.
pub(super) fn read_with(file: &Path, text: &str, overrides: &[&(String, String)]) -> Result<RawConfig, Fault> {
    let mut root = toml::Value::Table(read(file, text)?);
    for (variable, value) in overrides.iter().copied() {
        if value.is_empty() {
            return Err(Fault::new(
                format!("the environment variable {variable} is empty"),
                "Give it a value, or unset it.",
            ));
        }
        let name = variable.strip_prefix("RINGI_").unwrap_or(variable);
        let path: Vec<String> = name.split("__").map(str::to_ascii_lowercase).collect();
        if !put(&mut root, &path, value) {
            return Err(Fault::new(
                format!("the environment variable {variable} names no place in the config"),
                "Write it as RINGI_SECTION__KEY; desks and mailboxes are counted from 0.",
            ));
        }
    }
    let merged = toml::to_string(&root).map_err(|error| blamed(plain(&error.to_string()), overrides))?;
    toml::from_str(&merged).map_err(|error| blamed(plain(error.message()), overrides))
}

/// The faults of a config with overrides. Those that the file has by itself stay with it and its lines; the others came by
/// the overrides.
pub(super) fn blamed_of(faults: Vec<Fault>, of_file: &[Fault], overrides: &[&(String, String)]) -> Vec<Fault> {
    let origin = |fault: Fault| match of_file.iter().find(|known| known.what == fault.what) {
        Some(known) => known.clone(),
        None => Fault { remedy: fault.remedy, ..blamed(fault.what, overrides) },
    };
    faults.into_iter().map(origin).collect()
}

fn blamed(what: String, overrides: &[&(String, String)]) -> Fault {
    let names: Vec<&str> = overrides.iter().map(|(variable, _)| variable.as_str()).collect();
    Fault::new(format!("with {} of the environment: {what}", names.join(", ")), "Mend the variable, or unset it.")
}

/// Puts a value at a path; says whether the path leads anywhere.
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
