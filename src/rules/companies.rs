//! `rules/companies.toml`: legal forms and public mail domains.

use serde::Deserialize;
use toml::Spanned;

use super::lists::{Case, with_lines};
use super::source::Source;
use crate::domain::address::covers;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompanyFile {
    legal_forms: Vec<Spanned<String>>,
    free_mail_domains: Vec<Spanned<String>>,
    #[serde(default, rename = "case")]
    cases: Vec<Spanned<CompanyCase>>,
}

/// Names of companies, and mail domains that belong to nobody in particular.
#[derive(Debug)]
pub struct CompanyRules {
    /// In any spelling, as [`crate::domain::company::folded`] takes them.
    pub legal_forms: Vec<String>,
    free_mail_domains: Vec<String>,
    /// The file's own examples.
    pub cases: Vec<Case<CompanyCase>>,
}

/// Two spellings of one company's name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyCase {
    pub name: String,
    pub same_as: String,
}

impl CompanyRules {
    /// Mail domains where anybody gets an address.
    pub fn free_mail_domains(&self) -> &[String] {
        &self.free_mail_domains
    }

    /// Whether a mail domain is public: an address there shows no company.
    pub fn is_free_mail(&self, domain: &str) -> bool {
        self.free_mail_domains.iter().any(|free| covers(free, domain))
    }
}

impl CompanyFile {
    pub(super) fn compile(self, source: &mut Source<'_>) -> CompanyRules {
        for form in self
            .legal_forms
            .iter()
            .filter(|form| form.get_ref().chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation()))
        {
            source.fault(
                &form.span(),
                format!("{:?} is no legal form", form.get_ref()),
                "Give a word such as \"Ltd.\".",
            );
        }
        for domain in self.free_mail_domains.iter().filter(|d| !d.get_ref().contains('.') || d.get_ref().contains('@'))
        {
            source.fault(
                &domain.span(),
                format!("{:?} is no mail domain", domain.get_ref()),
                "Give the part behind the @, such as \"gmail.com\".",
            );
        }
        let plain = |list: Vec<Spanned<String>>| list.into_iter().map(Spanned::into_inner).collect();
        CompanyRules {
            legal_forms: plain(self.legal_forms),
            free_mail_domains: plain(self.free_mail_domains),
            cases: with_lines(source, self.cases),
        }
    }
}
