//! The rule files' own examples, run against the reading that they drive.

use super::fields::{self, Attribute, Meaning, Owner};
use super::numbers::{self, Sort};
use super::{DeskSide, Mailbox, OpenedMail, answer, class, fold, people};
use crate::domain::company;
use crate::domain::heard::RequestReading;
use crate::fault::Fault;
use crate::rules::Rules;

impl Rules {
    /// Runs every example of every rule file. Each that comes out otherwise is a fault at its line, saying what was
    /// expected and what came out.
    pub fn run_cases(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut expect = |file: &str, line: usize, text: &str, wanted: String, got: String| {
            if wanted != got {
                let what = format!("the case {text:?} should come out as {wanted}, and comes out as {got}");
                let remedy = "Correct the case, or the expressions that it tries.";
                faults.push(Fault::new(what, remedy).in_file(self.place(file)).at_line(line));
            }
        };
        for case in &self.meaning.fields.cases {
            let label = &case.example.label;
            let read = fields::meaning(&self.meaning.fields, &fold::fold(label)).map(|(meaning, _)| meaning);
            expect("fields.toml", case.line, label, case.example.means.clone(), spelled(read));
        }
        for case in &self.meaning.numbers.cases {
            let text = &case.example.text;
            let found = numbers::find(&self.meaning.numbers, &fold::fold(text), None);
            let found: Vec<String> = found
                .into_iter()
                .filter(|n| matches!(n.sort, Sort::Contract | Sort::Unnamed))
                .map(|n| n.value)
                .collect();
            expect("numbers.toml", case.line, text, format!("{:?}", case.example.numbers), format!("{found:?}"));
        }
        for case in &self.meaning.people.cases {
            let text = &case.example.text;
            let (name, company) = people::introduction(&self.meaning.people, &fold::fold(text)).unwrap_or_default();
            let wanted = format!("{:?} of {:?}", case.example.name, case.example.company);
            expect("people.toml", case.line, text, wanted, format!("{name:?} of {company:?}"));
        }
        for case in &self.meaning.kinds.cases {
            let read = class::read(self, &written(&case.example.text), &DeskSide::default());

            let wanted = format!("{}{}", case.example.class, kind(case.example.kind));
            let asked = case.example.kind.is_some();
            let got = read.request.map(|RequestReading { kind, .. }| kind).filter(|_| asked);
            expect("kinds.toml", case.line, &case.example.text, wanted, format!("{}{}", read.class, kind(got)));
        }
        for case in &self.meaning.verdicts.cases {
            let read = answer::read(self, &written(&case.example.text), &case.example.asked);
            expect(
                "verdicts.toml",
                case.line,
                &case.example.text,
                case.example.verdict.to_string(),
                read.verdict.to_string(),
            );
        }
        for case in &self.companies.cases {
            let folded = |name: &str| company::folded(name, &self.companies.legal_forms);
            expect(
                "companies.toml",
                case.line,
                &case.example.name,
                folded(&case.example.same_as),
                folded(&case.example.name),
            );
        }
        for case in &self.policy.cases {
            let level = &case.example.service_level;
            let spelled = |direct: bool| if direct { "direct support" } else { "no direct support" }.to_owned();
            expect(
                "policy.toml",
                case.line,
                level,
                spelled(case.example.direct_support),
                spelled(self.policy.has_direct_support(level)),
            );
        }
        faults.extend(self.thread.run_cases());
        faults.extend(self.noise.run_cases(self));
        faults
    }
}

fn kind(kind: Option<crate::domain::words::Kind>) -> String {
    kind.map(|kind| format!(", {kind}")).unwrap_or_default()
}

fn written(text: &str) -> OpenedMail {
    OpenedMail {
        from: Some(Mailbox { name: None, address: "case@rules.example".to_owned() }),
        visible_text: text.to_owned(),
        full_text: text.to_owned(),
        ..OpenedMail::default()
    }
}

/// A meaning, spelled as cases spell it.
fn spelled(meaning: Option<Meaning>) -> String {
    let Some(meaning) = meaning else { return "no label".to_owned() };
    match meaning {
        Meaning::Contracts => "contract_numbers".to_owned(),
        Meaning::BillToIds => "bill_to_ids".to_owned(),
        Meaning::Serials => "serial_numbers".to_owned(),
        Meaning::Reason => "reason".to_owned(),
        Meaning::Ignored => "ignored".to_owned(),
        Meaning::Person(owner, attribute) => {
            let owner = match owner {
                Owner::Requester => "requester",
                Owner::Approver => "approver",
                Owner::Writer => "writer",
                Owner::Unsaid => "unsaid",
            };
            match attribute {
                Attribute::Email => format!("{owner}.email"),
                Attribute::Name => format!("{owner}.name"),
                Attribute::Company => format!("{owner}.company"),
                Attribute::Whole => owner.to_owned(),
            }
        }
    }
}
