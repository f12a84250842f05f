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
