//! The rule files: what a desk changes without a programmer. Loaded, checked by their own cases, embedded as defaults.

pub mod companies;
pub mod fields;
pub mod kinds;
mod lists;
pub mod meaning;
pub mod noise;
pub mod numbers;
pub mod people;
pub mod policy;
pub mod source;
pub mod thread;
pub mod verdicts;

use std::path::{Path, PathBuf};

use self::source::Source;
use crate::domain::words::{Language, Part};
use crate::fault::Fault;

/// The files that the binary carries; a folder's file of the same name stands in for one.
static EMBEDDED: include_dir::Dir<'static> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/rules");

/// One compiled set of rules. Nothing in it is compiled twice.
#[derive(Debug)]
pub struct Rules {
    /// What is noise: headers and wordings.
    pub noise: noise::NoiseRules,
    /// Where the newly written text ends: quote headers, signatures, disclaimers.
    pub thread: thread::ThreadRules,
    /// What the words mean: labels, number shapes, kinds, verdicts.
    pub meaning: meaning::MeaningRules,
    /// Legal forms of companies, and public mail domains.
    pub companies: companies::CompanyRules,
    /// What a desk may decide about its process.
    pub policy: policy::PolicyRules,
    /// Where each file came from, as faults name it.
    places: Vec<(&'static str, PathBuf)>,
}

/// A rule file as it was found: its name in faults and its text.
struct Found {
    place: PathBuf,
    text: String,
}

impl Rules {
    /// The rules inside the binary.
    ///
    /// # Errors
    /// The faults of the embedded files; a test keeps it from ever having one.
    pub fn embedded() -> Result<Self, Vec<Fault>> {
        Self::load(None)
    }

    /// The rules inside the binary, each file overridden by the one of the same name in `dir`.
    ///
    /// # Errors
    /// Every fault of every file, each with its file and line. A file in `dir` whose name is none of the known ones is a
    /// fault: a misspelt name would otherwise change nothing, in silence.
    pub fn load(dir: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let mut faults = dir.map(strangers).unwrap_or_default();
        let mut places = Vec::new();
        let fields = compiled(dir, "fields.toml", &mut places, &mut faults, fields::FieldFile::compile);
        let numbers = compiled(dir, "numbers.toml", &mut places, &mut faults, numbers::NumberFile::compile);
        let people = compiled(dir, "people.toml", &mut places, &mut faults, people::PeopleFile::compile);
        let kinds = compiled(dir, "kinds.toml", &mut places, &mut faults, kinds::KindFile::compile);
        let verdicts = compiled(dir, "verdicts.toml", &mut places, &mut faults, verdicts::VerdictFile::compile);
        let companies = compiled(dir, "companies.toml", &mut places, &mut faults, companies::CompanyFile::compile);
        let policy = compiled(dir, "policy.toml", &mut places, &mut faults, policy::PolicyFile::compile);
        // noise.toml and thread.toml join here: `find(dir, name, …)`, then their own `compile(&found.place, &found.text)`,
        // whose faults extend `faults`.
        match (fields, numbers, people, kinds, verdicts, companies, policy) {
            (Some(fields), Some(numbers), Some(people), Some(kinds), Some(verdicts), Some(companies), Some(policy))
                if faults.is_empty() =>
            {
                Ok(Self {
                    noise: noise::NoiseRules::default(),
                    thread: thread::ThreadRules::default(),
                    meaning: meaning::MeaningRules { fields, numbers, people, kinds, verdicts },
                    companies,
                    policy,
                    places,
                })
            }
            _ => Err(faults),
        }
    }

    /// Names and texts of the files inside the binary, by name: what `ringi init` writes.
    pub fn files() -> Vec<(&'static str, &'static str)> {
        let mut files: Vec<_> = EMBEDDED
            .files()
            .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
            .filter(|(name, _)| name.ends_with(".toml"))
            .collect();
        files.sort_unstable();
        files
    }

    /// The label of a part in the form of a letter about missing parts, without the colon. A letter prints
    /// `label: value`, one line a part; [`Rules::form_name_label`] has the users' names, which can be absent but not missing.
    pub fn form_label(&self, part: Part, language: Language) -> &str {
        self.meaning.fields.form.label(fields::FormLine::Part(part), language)
    }

    /// The label of the user's name in that form.
    pub fn form_name_label(&self, language: Language) -> &str {
        self.meaning.fields.form.label(fields::FormLine::RequesterName, language)
    }

    /// The line above that form.
    pub fn form_heading(&self, language: Language) -> &str {
        self.meaning.fields.form.heading(language)
    }

    /// Where a file of this set came from, as a fault is to name it.
    pub fn place(&self, name: &str) -> PathBuf {
        let known = self.places.iter().find(|(known, _)| *known == name);
        known.map_or_else(|| PathBuf::from(name), |(_, place)| place.clone())
    }
}

/// Finds and compiles one file; its faults join the others.
fn compiled<F: serde::de::DeserializeOwned, R>(
    dir: Option<&Path>,
    name: &'static str,
    places: &mut Vec<(&'static str, PathBuf)>,
    faults: &mut Vec<Fault>,
    compile: impl FnOnce(F, &mut Source<'_>) -> R,
) -> Option<R> {
    let found = find(dir, name, faults)?;
    let mut source = Source::new(&found.place, &found.text);
    let rules = source.parse::<F>().map(|file| compile(file, &mut source));
    places.push((name, found.place.clone()));
    source.finish(rules).map_err(|found| faults.extend(found)).ok()
}

/// The folder's file where there is one, else the embedded one.
fn find(dir: Option<&Path>, name: &str, faults: &mut Vec<Fault>) -> Option<Found> {
    if let Some(path) = dir.map(|dir| dir.join(name)).filter(|path| path.exists()) {
        return match std::fs::read_to_string(&path) {
            Ok(text) => Some(Found { place: path, text }),
            Err(error) => {
                faults.push(
                    Fault::new(format!("the rule file cannot be read: {error}"), "Make it a readable UTF-8 file.")
                        .in_file(path),
                );
                None
            }
        };
    }
    let text = EMBEDDED.get_file(name).and_then(|file| file.contents_utf8());
    if text.is_none() {
        faults.push(Fault::new(format!("the binary carries no {name}"), "Build it anew from whole sources."));
    }
    Some(Found { place: PathBuf::from(format!("rules/{name} (built in)")), text: text?.to_owned() })
}

/// Files of the folder whose names are none of ours, and a folder that cannot be listed.
fn strangers(dir: &Path) -> Vec<Fault> {
    let known: Vec<&str> = Rules::files().into_iter().map(|(name, _)| name).collect();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            let what = format!("the folder of rules cannot be read: {error}");
            return vec![Fault::new(what, "Correct its name, or leave it out to use the built-in rules.").in_file(dir)];
        }
    };
    let mut faults: Vec<Fault> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| !path.file_name().and_then(|name| name.to_str()).is_some_and(|name| known.contains(&name)))
        .map(|path| {
            Fault::new(
                "no rule file has this name",
                format!("Rename it to one of {}, or take it away.", known.join(", ")),
            )
            .in_file(path)
        })
        .collect();
    faults.sort_by(|a, b| a.file.cmp(&b.file));
    faults
}

#[cfg(test)]
mod tests;
