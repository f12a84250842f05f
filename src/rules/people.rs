//! `rules/people.toml`: how persons and companies are named in running text.

use serde::Deserialize;

use super::lists::lists;

lists! {
    /// Names, titles and companies in running text.
    PeopleRules from PeopleFile with cases PersonCase {
        address, honorifics_after, honorifics_before, myself, own_company, surnames, departments, titles, company_words, introduction,
        abbreviation, beside_address, titled, sender_approves, approver_cues, requester_cues, own_account, prose_breaks,
        no_name, named_at_end, honoured, company, before_address, latin_name, pronoun, form_after_comma, requester_is_writer, approver_after,
    }
}

/// A sentence in which somebody introduces himself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonCase {
    pub text: String,
    pub name: Option<String>,
    pub company: Option<String>,
}
