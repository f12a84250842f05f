//! `ringi contracts`: the register imported and looked at.

use crate::{CONFIG, demo, does, lines, refuses, ringi};

#[test]
fn a_bad_register_is_named_by_line_and_nothing_of_it_is_imported() {
    let dir = demo();
    let before = does(dir.path(), &["--config", CONFIG, "contracts", "list", "--json"]);
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    let bad = text.replace("2039-03-31", "2040-03-31").replacen(",desk,", ",somebody,", 1);
    std::fs::write(dir.path().join("bad.csv"), bad).unwrap();
    let told = refuses(dir.path(), &["--config", CONFIG, "contracts", "import", "bad.csv"]);
    assert!(told.contains("bad.csv:7") && told.contains("somebody"), "{told}");
    assert_eq!(does(dir.path(), &["--config", CONFIG, "contracts", "list", "--json"]), before);
}

#[test]
fn importing_the_same_register_again_changes_nothing_and_a_dry_run_says_what_would_change() {
    let dir = demo();
    let again = does(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/contracts.csv", "--json"]);
    let report = &lines(&again)[0];
    assert_eq!(report["unchanged"], 6, "{report}");
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    let fewer: String =
        text.lines().filter(|line| !line.starts_with("90120009")).map(|line| format!("{line}\n")).collect();
    std::fs::write(dir.path().join("fewer.csv"), fewer).unwrap();
    let told = does(dir.path(), &["--config", CONFIG, "contracts", "import", "fewer.csv", "--prune", "--dry-run"]);
    assert_eq!(told, "taken away: 90120009\n");
    assert!(does(dir.path(), &["--config", CONFIG, "contracts", "list"]).contains("90120009"));
    // A file of bill-to IDs, or one that is empty, must never take every contract away.
    does(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/bill_to.csv", "--prune"]);
    assert_eq!(lines(&does(dir.path(), &["--config", CONFIG, "contracts", "list", "--json"])).len(), 6);
}

#[test]
fn a_dry_run_makes_no_database_and_tells_that_everything_would_be_added() {
    let dir = demo();
    let database = dir.path().join("ringi-demo/ringi.db");
    std::fs::remove_file(&database).unwrap();
    let register = "ringi-demo/contracts.csv";
    let told = does(dir.path(), &["--config", CONFIG, "contracts", "import", register, "--dry-run"]);
    assert_eq!(told.lines().filter(|line| line.starts_with("added: ")).count(), 6, "{told}");
    assert!(!database.exists());
    // Without the bill-to IDs nobody can be asked about one of the contracts.
    let output = ringi(dir.path(), &["--config", CONFIG, "contracts", "import", register]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("administered by a bill-to ID that names nobody: 90210035 (bill-to ID B1001)"), "{told}");
    let output = ringi(dir.path(), &["--config", CONFIG, "contracts", "import", "ringi-demo/bill_to.csv"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("Warning"));
}

#[test]
fn a_dry_run_shows_each_field_that_would_change_and_changes_none() {
    let dir = demo();
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    std::fs::write(dir.path().join("changed.csv"), text.replacen("2039-03-31", "2040-03-31", 1)).unwrap();
    let import = ["--config", CONFIG, "contracts", "import", "changed.csv"];
    let told = does(dir.path(), &[&import[..], &["--dry-run"]].concat());
    assert_eq!(told, "changed: 90210034\n    ends_on: 2039-03-31 → 2040-03-31\n");
    let json = does(dir.path(), &[&import[..], &["--dry-run", "--json"]].concat());
    let report = &lines(&json)[0];
    assert_eq!((&report["changed"][0], &report["unchanged"]), (&"90210034".into(), &5.into()), "{report}");
    assert_eq!(report["changes"][0]["fields"][0]["new"], "2040-03-31");
    assert_eq!(does(dir.path(), &import), told, "the dry run told the truth, and had changed nothing");
    assert_eq!(does(dir.path(), &import), "");
}

#[test]
fn show_says_who_may_decide_today_and_who_has_access_by_whose_approval() {
    let dir = demo();
    let people = "email,name,language,substitute,substitute_from,substitute_until\n\
                  takase@minato-seiki.example,,,In Effect <in@minato-seiki.example>,2020-01-01,\n\
                  takase@minato-seiki.example,,ja,Long Gone <gone@minato-seiki.example>,,2020-01-01\n";
    std::fs::write(dir.path().join("people.csv"), people).unwrap();
    does(dir.path(), &["--config", CONFIG, "contracts", "import", "people.csv"]);
    let shown = does(dir.path(), &["--config", CONFIG, "contracts", "show", "90210034"]);
    assert!(shown.contains("<takase@minato-seiki.example>, or In Effect <in@minato-seiki.example>\n"), "{shown}");
    assert!(!shown.contains("Long Gone"), "{shown}");
    let json = does(dir.path(), &["--config", CONFIG, "contracts", "show", "90210034", "--json"]);
    let contract = &lines(&json)[0];
    assert_eq!(contract["may_decide_today"][0][1]["email"], "in@minato-seiki.example", "{contract}");
    assert_eq!(contract["access"][0]["approved_by"], "takase@minato-seiki.example", "{contract}");
    let listed = does(dir.path(), &["--config", CONFIG, "contracts", "administrators"]);
    assert!(listed.contains("Long Gone <gone@minato-seiki.example> ( – 2020-01-01)"), "{listed}");
}

#[test]
fn accounts_come_from_json_and_are_listed() {
    let dir = demo();
    let accounts = r#"{"accounts": [{"email": "ann@redwood.example", "company": "Redwood Foods Ltd."}]}"#;
    std::fs::write(dir.path().join("accounts.json"), accounts).unwrap();
    let told = does(dir.path(), &["--config", CONFIG, "contracts", "import", "accounts.json"]);
    assert_eq!(told, "added: account ann@redwood.example\n");
    let listed = does(dir.path(), &["--config", CONFIG, "contracts", "accounts", "--json"]);
    assert_eq!(lines(&listed)[0]["company"], "Redwood Foods Ltd.");
}

#[test]
fn a_register_of_its_header_alone_is_a_fault() {
    let dir = demo();
    let text = std::fs::read_to_string(dir.path().join("ringi-demo/contracts.csv")).unwrap();
    std::fs::write(dir.path().join("header.csv"), text.lines().next().unwrap()).unwrap();
    let told = refuses(dir.path(), &["--config", CONFIG, "contracts", "import", "header.csv"]);
    assert!(told.contains("header.csv: the register holds its header and no row."), "{told}");
}

#[test]
fn contracts_are_found_by_a_number_in_any_spelling() {
    let dir = demo();
    let shown = does(dir.path(), &["--config", CONFIG, "contracts", "show", "9021-0034"]);
    assert!(shown.contains("90210034"), "{shown}");
    let listed = does(dir.path(), &["--config", CONFIG, "contracts", "list", "--bill-to", "b-1001", "--json"]);
    assert!(!lines(&listed).is_empty());
}
