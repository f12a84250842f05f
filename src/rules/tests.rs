//! Loading of rule files: every fault with its place.

use super::*;

#[test]
fn the_embedded_rules_compile_and_their_cases_pass() {
    let rules = Rules::embedded().unwrap_or_else(|faults| panic!("{faults:#?}"));
    let faults = rules.run_cases();
    assert!(faults.is_empty(), "{}", faults.iter().map(|f| format!("{f}\n")).collect::<String>());
}
