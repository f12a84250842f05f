//! Letters in words: templates, and the mail that is made of them.

mod carriers;
mod dates;
mod files;
mod message;
mod plain;
mod samples;
mod subject;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::path::Path;

use chrono::{DateTime, Utc};
use minijinja::Environment;

use crate::domain::letter::{Letter, Rendered};
use crate::domain::policy::Desk;
use crate::domain::words::Language;
use crate::fault::Fault;
use carriers::Carriers;
use files::Overrides;
pub use message::{DESK_HEADER, LETTER_HEADER};

/// The templates of all letters: compiled, rehearsed, ready to render. Cheap to share, never changed: a reload makes a new one.
#[derive(Debug)]
pub struct Templates {
    /// The embedded templates, overridden by the files of a folder.
    own: Environment<'static>,
    /// The embedded ones alone: what a letter falls back to.
    embedded: Environment<'static>,
    overrides: Overrides,
}

/// A letter whose overriding template failed, and which left in the embedded words instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The letter's name: `approval_request`.
    pub letter: &'static str,
    /// What failed, for the operator.
    pub fault: Fault,
}

/// Why a letter could not be rendered at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Not even the embedded template renders: a fault in Ringi itself.
    #[error("the embedded template {name}, line {line}, does not render: {what}")]
    Embedded { name: String, line: usize, what: String },
    /// A letter that asks belongs to a request, or its tokens would open nothing.
    #[error("a letter that asks names no request")]
    AsksWithoutReference,
    /// The mail builder refused a header.
    #[error("the mail cannot be built: {0}")]
    Unbuildable(String),
}

/// Subject and text as the templates gave them.
struct Worded {
    subject: String,
    text: String,
}

impl Templates {
    /// The templates inside the binary.
    pub fn embedded() -> Self {
        Self::over(Overrides::default())
    }

    /// The embedded templates, each overridden by the file of the same name below `dir` (`dir/mail/status.ja.txt`). Every
    /// template is compiled and rendered with sample data of every letter, status and reason: each fault names its file and line.
    pub fn load(dir: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let Some(dir) = dir else { return Ok(Self::embedded()) };
        let templates = Self::over(Overrides::read(dir)?);
        let faults = templates.rehearse();
        if faults.is_empty() { Ok(templates) } else { Err(faults) }
    }

    /// The embedded templates as `ringi init` writes them: name below the folder, and text.
    pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
        files::embedded()
    }

    /// Puts a letter into words and into a mail. Where an overriding template fails, the letter leaves in the embedded words
    /// and the fault is handed back beside it.
    pub fn render(
        &self,
        desk: &Desk,
        letter: &Letter,
        now: DateTime<Utc>,
    ) -> Result<(Rendered, Option<Fallback>), RenderError> {
        let carriers = Carriers::of(desk, letter)?;
        let (worded, fallback) = match word(&self.own, desk, letter, &carriers) {
            Ok(worded) => (worded, None),
            Err(error) => {
                let worded = word(&self.embedded, desk, letter, &carriers).map_err(|error| error.into_embedded())?;
                let fault = self.overrides.fault(&error);
                (worded, Some(Fallback { letter: letter.body.name(), fault }))
            }
        };
        let subject = subject::finished(&worded.subject, letter.reference.as_ref());
        let text = match &carriers.reference_line {
            // Appended here and not by a template: a token that a template forgets would be an answer that is not counted.
            Some(line) => format!("{}\n{line}\n", worded.text),
            None => worded.text,
        };
        let shown_text = carriers.mask(&text);
        let bytes = message::build(desk, letter, &carriers, &subject, text, now)?;
        Ok((Rendered { message_id: carriers.message_id, subject, shown_text, bytes }, fallback))
    }

    fn over(overrides: Overrides) -> Self {
        let embedded = files::environment(&Overrides::default());
        Self { own: files::environment(&overrides), embedded, overrides }
    }

    /// Renders every template with every sample; equal faults are told once.
    fn rehearse(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        // Also what no sample reaches must compile.
        let compiled = self
            .overrides
            .names()
            .filter_map(|name| self.own.get_template(name).err().map(|error| files::TemplateError::new(name, &error)));
        let rendered = samples::letters().into_iter().flat_map(|letter| {
            [true, false].map(|plus_addressing| {
                let desk = samples::desk(plus_addressing)?;
                let carriers = Carriers::of(&desk, &letter).ok()?;
                word(&self.own, &desk, &letter, &carriers).err()
            })
        });
        for error in compiled.chain(rendered.flatten()) {
            let fault = self.overrides.fault(&error);
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        faults
    }
}

fn word(
    environment: &Environment<'static>,
    desk: &Desk,
    letter: &Letter,
    carriers: &Carriers,
) -> Result<Worded, files::TemplateError> {
    let name = |part| file_name(letter.body.name(), letter.language, part);
    let subject = files::render(environment, &name("subject"), view::of_subject(desk, letter))?;
    let text = files::render(environment, &name("txt"), view::of_text(desk, letter, carriers))?;
    Ok(Worded { subject, text })
}

/// `mail/status.ja.txt`.
fn file_name(letter: &str, language: Language, part: &str) -> String {
    format!("mail/{letter}.{language}.{part}")
}
