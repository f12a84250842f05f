//! Loading of rule files: the embedded ones are sound, and every fault of an own one has its place.

use super::*;

#[test]
fn the_embedded_rules_compile_and_their_cases_pass() {
    let rules = Rules::embedded().unwrap_or_else(|faults| panic!("{faults:#?}"));
    let faults = rules.run_cases();
    assert!(faults.is_empty(), "{}", faults.iter().map(|f| format!("{f}\n")).collect::<String>());
}

#[test]
fn an_own_file_stands_in_for_the_embedded_one_of_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let (_, text) = Rules::files().into_iter().find(|(name, _)| *name == "policy.toml").unwrap();
    std::fs::write(dir.path().join("policy.toml"), text.replace("escalate_after = 3", "escalate_after = 5")).unwrap();
    let rules = Rules::load(Some(dir.path())).unwrap();
    assert_eq!(rules.policy.escalate_after, 5);
    assert_eq!(rules.place("policy.toml"), dir.path().join("policy.toml"));
    assert_eq!(rules.place("fields.toml"), PathBuf::from("rules/fields.toml (built in)"));
}

#[test]
fn every_fault_of_every_file_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let embedded = |wanted: &str| Rules::files().into_iter().find(|(name, _)| *name == wanted).unwrap().1;
    write("verdict.toml", "");
    write("policy.toml", &format!("colour = 1\n{}", embedded("policy.toml")));
    let at = embedded("kinds.toml").lines().position(|line| line.starts_with("full = ")).unwrap();
    write("kinds.toml", &embedded("kinds.toml").replace("full = [", "full = ['(', "));
    let faults = Rules::load(Some(dir.path())).unwrap_err();
    let places: Vec<_> = faults
        .iter()
        .map(|fault| (fault.file.as_ref().unwrap().file_name().unwrap().to_str().unwrap().to_owned(), fault.line))
        .collect();
    assert_eq!(
        places,
        [
            ("verdict.toml".to_owned(), None),
            ("kinds.toml".to_owned(), Some(at + 1)),
            ("policy.toml".to_owned(), Some(1))
        ],
        "{faults:#?}"
    );
    assert!(faults.iter().all(|fault| !fault.remedy.is_empty()));
}

#[test]
fn a_case_that_comes_out_otherwise_is_a_fault_at_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let (_, text) = Rules::files().into_iter().find(|(name, _)| *name == "companies.toml").unwrap();
    let text = format!("{text}\n[[case]]\nname = \"Aoba\"\nsame_as = \"Ibuki\"\n");
    std::fs::write(dir.path().join("companies.toml"), &text).unwrap();
    let faults = Rules::load(Some(dir.path())).unwrap().run_cases();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert_eq!(faults[0].line, Some(text.lines().count() - 2));
}
