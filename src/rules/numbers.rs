//! `rules/numbers.toml`: shapes of numbers, what they are called, and what only looks like one.

use serde::Deserialize;

use super::lists::lists;

lists! {
    /// Numbers of contracts, bill-to IDs and products.
    NumberRules from NumberFile with cases NumberCase {
        contract, bill_to, serial, contract_words, bill_to_words, serial_words, other_words, excluded, withdrawn, replaced,
        range, grouped, contract_with_letters, glued, points_back,
    }
}

/// A text and the contract numbers that must be read from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberCase {
    pub text: String,
    pub numbers: Vec<String>,
}
