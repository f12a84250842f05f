//! `ringi letters list|show`: the letters with invented particulars, as the desk's templates put them.

use std::path::Path;

use super::{Context, Failure, output};
use crate::domain::words::Language;
use crate::fault::Fault;
use crate::letters::Templates;

/// `ringi letters …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The samples that `show` knows, each with its letter.
    List {
        #[arg(long)]
        json: bool,
    },
    /// A letter with invented particulars: its subject, and the text part as it leaves.
    Show {
        /// A letter, or one of its samples, as `ringi letters list` has them.
        name: String,
        /// "ja" or "en".
        #[arg(long, default_value = "ja", value_parser = language)]
        language: Language,
        /// The HTML part instead, to be opened in a browser.
        #[arg(long)]
        html: bool,
    },
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| {
        let all: Vec<&str> = Language::ALL.iter().map(|language| language.as_str()).collect();
        format!("no such language; one of {}", all.join(", "))
    })
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json } => list(json),
        Command::Show { name, language, html } => show(&templates(context)?, &name, language, html),
    }
}

/// The templates of the config named or found; those inside the binary where there is none.
fn templates(context: &Context) -> Result<Templates, Failure> {
    let there = context.config.is_some() || crate::config::PLACES.iter().any(|place| Path::new(place).is_file());
    let config = if there { Some(context.config()?) } else { None };
    Ok(Templates::load(config.as_ref().and_then(|config| config.templates.as_deref()))?)
}

/// A sample as programs see it.
#[derive(serde::Serialize)]
struct SampleJson {
    sample: &'static str,
    letter: &'static str,
}

fn list(json: bool) -> Result<(), Failure> {
    let samples = Templates::samples();
    if json {
        return samples.into_iter().try_for_each(|(sample, letter)| output::print_json(&SampleJson { sample, letter }));
    }
    let mut table = output::Table::new(&["SAMPLE", "LETTER"]);
    for (sample, letter) in samples {
        table.row(vec![sample.to_owned(), letter.to_owned()]);
    }
    table.print("No samples.")
}

fn show(templates: &Templates, name: &str, language: Language, html: bool) -> Result<(), Failure> {
    let Some(sample) = templates.sample(name, language) else {
        let fault = format!("there is no letter {name:?}");
        return Err(Fault::new(fault, "`ringi letters list` shows those that are there.").into());
    };
    let sample = sample.map_err(|fault| Failure::Faults(vec![fault]))?;
    if !html {
        output::print(&format!("Subject: {}\n", sample.subject))?;
        return output::print(sample.text.trim_end());
    }
    match sample.html {
        Some(page) => output::print(page.trim_end()),
        None => {
            let remedy = format!(
                "Its text is the desk's own and its HTML is not. Write mail/LETTER.{language}.html beside it to have both."
            );
            Err(Fault::new(format!("the letter {name:?} leaves as text alone"), remedy).into())
        }
    }
}
