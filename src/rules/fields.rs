//! `rules/fields.toml`: labels of a request, and the form that a letter about missing parts holds.

use serde::Deserialize;

use super::lists::lists;
use crate::domain::words::{Language, Part};

lists! {
    /// Labels and what they are made of.
    FieldRules from FieldFile with cases LabelCase {
        headings, ignored, separators, bullets, filler,
        ; sections {
            roles: RoleRules from RoleFile,
            attributes: AttributeRules from AttributeFile,
            things: ThingRules from ThingFile,
            values: ValueRules from ValueFile,
        }
        ; plain { form: Forms }
    }
}

lists! {
    /// Whose a labelled value is.
    RoleRules from RoleFile { approver, requester, writer, same }
}

lists! {
    /// What of a person a labelled value is.
    AttributeRules from AttributeFile { email, name, company }
}

lists! {
    /// Labelled values that belong to no person.
    ThingRules from ThingFile { contract_numbers, bill_to_ids, serial_numbers, reason }
}

lists! {
    /// Values that stand for something else.
    ValueRules from ValueFile { absent, same }
}

/// The form, by language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forms {
    ja: Form,
    en: Form,
}

/// The labels of the form that a letter prints and that a returned mail bears.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    heading: String,
    contract_numbers: String,
    bill_to_ids: String,
    requester_email: String,
    requester_name: String,
    requester_company: String,
    approver_email: String,
    approver_name: String,
    approver_company: String,
    reason: String,
}

/// A line of the form. Every part that can be missing is one, and so is the users' names, which nobody must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormLine {
    Part(Part),
    RequesterName,
}

impl Forms {
    fn of(&self, language: Language) -> &Form {
        match language {
            Language::Japanese => &self.ja,
            Language::English => &self.en,
        }
    }

    /// The line above the form.
    pub fn heading(&self, language: Language) -> &str {
        &self.of(language).heading
    }

    /// The label of a line, without the colon.
    pub fn label(&self, line: FormLine, language: Language) -> &str {
        let form = self.of(language);
        match line {
            FormLine::RequesterName => &form.requester_name,
            FormLine::Part(Part::ContractNumbers) => &form.contract_numbers,
            FormLine::Part(Part::BillToIds) => &form.bill_to_ids,
            FormLine::Part(Part::RequesterEmail) => &form.requester_email,
            FormLine::Part(Part::RequesterCompany) => &form.requester_company,
            FormLine::Part(Part::ApproverEmail) => &form.approver_email,
            FormLine::Part(Part::ApproverName) => &form.approver_name,
            FormLine::Part(Part::ApproverCompany) => &form.approver_company,
            FormLine::Part(Part::Reason) => &form.reason,
        }
    }
}

/// A label and what it must be read as: `approver.email`, `contract_numbers`, `ignored` …
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelCase {
    pub label: String,
    pub means: String,
}
