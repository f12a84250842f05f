//! Letters in words: templates, and the mail that is made of them.

mod carriers;
mod dates;
mod files;
mod html;
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
    /// The letters that leave as text alone: `status.ja`.
    text_only: Vec<String>,
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

/// Subject and parts as the templates gave them.
struct Worded {
    subject: String,
    text: String,
    /// None where the letter leaves as text alone.
    html: Option<String>,
}

/// A letter with invented particulars, as its reader would have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub subject: String,
    pub text: String,
    /// None where the letter leaves as text alone.
    pub html: Option<String>,
}

impl Templates {
    /// The templates inside the binary.
    pub fn embedded() -> Self {
        Self::over(Overrides::default())
    }

    /// The embedded templates, each overridden by the file of the same name below `dir` (`dir/mail/status.ja.txt`). Every
    /// template is compiled and rendered with sample data of every letter, status and reason: each fault names its file and line.
    ///
    /// A letter whose text is the folder's own while its HTML is the embedded one leaves as text alone: the two must not say
    /// different things. The other way round is a fault.
    pub fn load(dir: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let Some(dir) = dir else { return Ok(Self::embedded()) };
        let templates = Self::over(Overrides::read(dir)?);
        let mut faults = templates.rehearse();
        faults.extend(templates.overrides.html_without_text());
        if faults.is_empty() { Ok(templates) } else { Err(faults) }
    }

    /// The embedded templates as `ringi init` writes them: name below the folder, and text.
    pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
        files::embedded()
    }

    /// The letters that leave as text alone because only their text is the folder's own: `status.ja`.
    pub fn text_only(&self) -> &[String] {
        &self.text_only
    }

    /// The samples that [`Templates::sample`] knows: each with the letter that it is one of.
    pub fn samples() -> Vec<(&'static str, &'static str)> {
        samples::bodies().iter().map(|(name, body)| (*name, body.name())).collect()
    }

    /// A sample as its reader would have it, without the embedded words as a way out. `None` where there is no such sample.
    pub fn sample(&self, name: &str, language: Language) -> Option<Result<Sample, Fault>> {
        let (_, body) = samples::bodies().into_iter().find(|(known, _)| *known == name)?;
        let (desk, letter) = (samples::desk(true)?, samples::letter(body, language)?);
        let carriers = Carriers::of(&desk, &letter).ok()?;
        let worded = self.word_own(&desk, &letter, &carriers);
        Some(worded.map(|worded| worded.finished(&letter, &carriers)).map_err(|error| self.overrides.fault(&error)))
    }

    fn word_own(&self, desk: &Desk, letter: &Letter, carriers: &Carriers) -> Result<Worded, files::TemplateError> {
        let name = format!("{}.{}", letter.body.name(), letter.language);
        let with_html = !self.text_only.contains(&name);
        word(&self.own, desk, letter, carriers, with_html)
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
        let (worded, fallback) = match self.word_own(desk, letter, &carriers) {
            Ok(worded) => (worded, None),
            Err(error) => {
                let worded =
                    word(&self.embedded, desk, letter, &carriers, true).map_err(|error| error.into_embedded())?;
                let fault = self.overrides.fault(&error);
                (worded, Some(Fallback { letter: letter.body.name(), fault }))
            }
        };
        let Sample { subject, text, html } = worded.finished(letter, &carriers);
        let shown_text = carriers.mask(&text);
        let bytes = message::build(desk, letter, &carriers, &subject, message::Parts { text, html }, now)?;
        Ok((Rendered { message_id: carriers.message_id, subject, shown_text, bytes }, fallback))
    }

    fn over(overrides: Overrides) -> Self {
        let embedded = files::environment(&Overrides::default());
        Self { own: files::environment(&overrides), embedded, text_only: overrides.text_only(), overrides }
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
                // Both parts, whichever leave: a template that lies there is a template that works.
                word(&self.own, &desk, &letter, &carriers, true).err()
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
    with_html: bool,
) -> Result<Worded, files::TemplateError> {
    let name = |part| file_name(letter.body.name(), letter.language, part);
    let subject = files::render(environment, &name("subject"), view::of_subject(desk, letter))?;
    let text = files::render(environment, &name("txt"), view::of_part(desk, letter, carriers))?;
    let html = if with_html {
        Some(files::render(environment, &name("html"), view::of_part(desk, letter, carriers))?)
    } else {
        None
    };
    Ok(Worded { subject, text, html })
}

impl Worded {
    /// With reference and reference line. They are put in here and not by a template: a token that a template forgets would
    /// be an answer that is not counted.
    fn finished(self, letter: &Letter, carriers: &Carriers) -> Sample {
        let subject = subject::finished(&self.subject, letter.reference.as_ref());
        let (text, html) = match &carriers.reference_line {
            Some(line) => (format!("{}\n{line}\n", self.text), self.html.map(|html| html::with_line(&html, line))),
            None => (self.text, self.html),
        };
        Sample { subject, text, html: html.filter(|html| html.len() <= html::LONGEST) }
    }
}

/// `mail/status.ja.txt`.
fn file_name(letter: &str, language: Language, part: &str) -> String {
    format!("mail/{letter}.{language}.{part}")
}
