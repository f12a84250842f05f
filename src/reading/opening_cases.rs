//! Runs the cases that the rule files carry for the opening of a mail.

use super::signature::Author;
use super::text::{self, Context};
use super::{Noise, OpenedMail};
use crate::fault::Fault;
use crate::rules::Rules;
use crate::rules::noise::{NoiseCase, NoiseRules};
use crate::rules::thread::{ThreadCase, ThreadRules};

impl ThreadRules {
    /// Runs the file's own cases: a fault for each that is read otherwise.
    pub fn run_cases(&self) -> Vec<Fault> {
        self.cases.iter().flat_map(|case| thread_case(self, case)).collect()
    }
}

impl NoiseRules {
    /// Runs the file's own cases: a fault for each that is read otherwise. A case is a whole mail, so `rules` must hold
    /// these noise rules together with the thread rules.
    pub fn run_cases(&self, rules: &Rules) -> Vec<Fault> {
        self.cases.iter().filter_map(|case| noise_case(rules, case)).collect()
    }
}

fn thread_case(rules: &ThreadRules, case: &ThreadCase) -> Vec<Fault> {
    let context =
        Context { from: Author { name: case.from_name.as_deref(), address: None }, subject: &case.subject, depth: 0 };
    let read = text::split(rules, &case.text, &context);
    let forwarded = read.forwarded.unwrap_or_default();
    let forwarded_from = forwarded.from.map(|m| m.address).unwrap_or_default();
    let form = read.returned_form.unwrap_or_default();
    [
        ("visible", Some(&case.visible), &read.visible),
        ("quoted", case.quoted.as_ref(), &read.quoted),
        ("signature", case.signature.as_ref(), &read.signature),
        ("forwarded_from", case.forwarded_from.as_ref(), &forwarded_from),
        ("forwarded_text", case.forwarded_text.as_ref(), &forwarded.text),
        ("form", case.form.as_ref(), &form),
    ]
    .into_iter()
    .filter_map(|(what, expected, got)| {
        let expected = expected?;
        (expected.trim() != got.trim()).then(|| {
            let said =
                format!("the case {:?} reads {what} as {:?}, not as {:?}", case.name, got.trim(), expected.trim());
            Fault::new(said, "Mend the rules of this file, or the case.").in_file(&case.file).at_line(case.line)
        })
    })
    .collect()
}

fn noise_case(rules: &Rules, case: &NoiseCase) -> Option<Fault> {
    let mail: OpenedMail = super::mime::open(rules, case.mail.as_bytes());
    let got = mail.noise.as_ref().map(|noise| noise.class);
    if got == case.class {
        return None;
    }
    let name = |class: Option<crate::domain::words::Class>| class.map_or("person", |c| c.as_str());
    let cause = match mail.noise {
        Some(Noise { cause, .. }) => format!(" ({cause})"),
        None => String::new(),
    };
    let said = format!("the case {:?} is read as {}{cause}, not as {}", case.name, name(got), name(case.class));
    Some(Fault::new(said, "Mend the rules of this file, or the case.").in_file(&case.file).at_line(case.line))
}
