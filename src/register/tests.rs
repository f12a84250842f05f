//! The register's files, sound and hostile.

use std::path::Path;

use chrono::{NaiveDate, TimeZone, Utc};
use chrono_tz::Asia::Tokyo;

use super::*;
use crate::domain::contract::{AdministeredBy, Quorum};
use crate::domain::words::Language;

const HEADER: &str = "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,\
                      ends_on,serial_numbers,administered_by,administrators";

fn import(bytes: impl AsRef<[u8]>) -> Result<Register, Vec<Fault>> {
    let free_mail = ["gmail.com".to_owned(), "yahoo.co.jp".to_owned()];
    read(Path::new("contracts.csv"), bytes.as_ref(), Reading { zone: Tokyo, free_mail: &free_mail })
}

fn rows(rows: &str) -> Result<Register, Vec<Fault>> {
    import(format!("{HEADER}\n{rows}\n"))
}

/// The faults, one a line, as a person sees them, without the file's name and the remedies.
fn faults(result: Result<Register, Vec<Fault>>) -> Vec<String> {
    let show = |fault: &Fault| format!("{}: {}", fault.line.map_or("-".into(), |line| line.to_string()), fault.what);
    result.unwrap_err().iter().map(show).collect()
}

/// The one contract of a row that differs from a sound one in one cell.
fn with(column: &str, cell: &str) -> Result<Register, Vec<Fault>> {
    let cells = Kind::Contracts.columns().iter().map(|name| match *name {
        name if name == column => format!("\"{}\"", cell.replace('"', "\"\"")),
        "contract_number" => "92168807".into(),
        "holder" => "株式会社はるか".into(),
        "administered_by" => "desk".into(),
        _ => String::new(),
    });
    rows(&cells.collect::<Vec<_>>().join(","))
}

#[test]
fn a_row_becomes_a_contract() {
    let before = "９２１６－８８０７,株式会社はるか,はるか;Haruka Inc.,Haruka.example;@haruka.co.jp,boss@elsewhere.example,BT-1001";
    let dates = "premium,2026-11-20 10:30,2026-11-21,2027/3/31,SN-001 ; sn-002;SN001";
    let persons = r#""""Mori, Kei"" <kei.mori@haruka.example>; aya@haruka.example""#;
    let row = format!("{before},{dates},administrators,{persons}");
    let register = rows(&row).unwrap();
    let [contract] = register.contracts.as_slice() else { panic!("{register:?}") };
    assert_eq!(contract.number, "92168807");
    assert_eq!(contract.aliases, ["はるか", "Haruka Inc."]);
    assert_eq!(contract.domains, ["haruka.example", "haruka.co.jp"]);
    assert_eq!(contract.addresses[0].as_str(), "boss@elsewhere.example");
    assert_eq!(contract.bill_to_id.as_deref(), Some("BT1001"));
    assert_eq!(contract.service_level.as_deref(), Some("premium"));
    assert_eq!(contract.issued_at, Some(Utc.with_ymd_and_hms(2026, 11, 20, 1, 30, 0).unwrap()));
    assert_eq!(contract.ends_on, NaiveDate::from_ymd_opt(2027, 3, 31));
    assert_eq!(contract.serial_numbers, ["SN001", "SN002"]);
    assert_eq!(contract.administered_by, AdministeredBy::Administrators);
    let named: Vec<_> = contract.administrators.iter().map(|a| (a.name.as_deref(), a.email.as_str())).collect();
    assert_eq!(named, [(Some("Mori, Kei"), "kei.mori@haruka.example"), (None, "aya@haruka.example")]);
}

#[test]
fn an_issue_date_without_time_is_midnight_in_the_desk_s_zone() {
    let contract = with("issued_at", "2026/11/20").unwrap().contracts.remove(0);
    assert_eq!(contract.issued_at, Some(Utc.with_ymd_and_hms(2026, 11, 19, 15, 0, 0).unwrap()));
}

#[test]
fn columns_may_stand_in_any_order_and_rows_of_commas_are_nothing() {
    let bytes =
        "company,administrators,bill_to_id\r\n\r\n北斗商事,鈴木 <suzuki@hokuto.example>,BT-1\r\n,,\r\n , , \r\n";
    let register = import(bytes).unwrap();
    assert!(register.contracts.is_empty());
    assert_eq!(register.bill_tos.len(), 1);
    assert_eq!(register.bill_tos[0].id, "BT1");
    assert_eq!(register.bill_tos[0].administrators[0].name.as_deref(), Some("鈴木"));
}

#[test]
fn utf_8_with_or_without_a_mark_and_shift_jis_read_alike() {
    let text = format!("{HEADER}\n92168807,㈱髙島ソフト,,,,,,,,,,desk,\n");
    let plain = import(&text).unwrap();
    assert_eq!(plain.contracts[0].holder, "㈱髙島ソフト");
    assert_eq!(import(format!("\u{feff}{text}")), Ok(plain.clone()));
    let (shift_jis, _, lossy) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!lossy && import(&shift_jis) == Ok(plain.clone()));
    let utf_16 = || [0xfeff].into_iter().chain(text.encode_utf16());
    assert_eq!(import(utf_16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()), Ok(plain.clone()));
    assert_eq!(import(utf_16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()), Ok(plain.clone()));
    let tabs = text.replace(',', "\t");
    let tabs = [0xfeff].into_iter().chain(tabs.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(import(tabs), Ok(plain), "as Excel's \"Unicode text\"");
}

/// Text that straddles the bits in which a file is read, in every encoding.
#[test]
fn a_long_file_reads_as_a_short_one_does() {
    let row = |n: u32, end| format!("9{n:07},㈱髙島ソフト第{n}部,\"a\"\"{n}\",,,,,,,,,desk,{end}");
    for end in ["\n", "\r\n", "\r"] {
        let text: String = std::iter::once(format!("{HEADER}{end}")).chain((0..5000).map(|n| row(n, end))).collect();
        let (shift_jis, _, lossy) = encoding_rs::SHIFT_JIS.encode(&text);
        assert!(!lossy);
        let utf_16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &shift_jis, &utf_16] {
            let contracts = import(bytes).unwrap().contracts;
            assert_eq!(contracts.len(), 5000);
            for (contract, n) in contracts.iter().zip(0u32..) {
                assert_eq!(contract.holder, format!("㈱髙島ソフト第{n}部"));
                assert_eq!(contract.aliases, [format!("a\"{n}")]);
            }
        }
    }
}

#[test]
fn v4_who_must_agree_stands_in_a_column_of_its_own() {
    let agreement = |header: &str, cell: &str| {
        import(format!("{header},agreement\n1,x,,,,,,,,,,administrators,a@b.example,{cell}"))
    };
    assert_eq!(agreement(HEADER, "All").unwrap().contracts[0].quorum, Some(Quorum::All));
    assert_eq!(agreement(HEADER, "２").unwrap().contracts[0].quorum.map(|n| n.to_string()).as_deref(), Some("2"));
    assert_eq!(agreement(HEADER, "").unwrap().contracts[0].quorum, None);
    assert_eq!(faults(agreement(HEADER, "0")), ["2: column `agreement` holds \"0\", which is no agreement"]);
    let bill_to = import("bill_to_id,company,administrators,agreement\nB1,x,a@b.example,any\n").unwrap();
    assert_eq!(bill_to.bill_tos[0].quorum, Some(Quorum::Any));
}

#[test]
fn administrators_have_a_row_a_substitute() {
    let header = "email,name,language,substitute,substitute_from,substitute_until";
    let people = |rows: &str| import(format!("{header}\n{rows}"));
    let read = people(
        "a@x.example,安,ja,Bo <b@x.example>,2026-04-01,2026/4/30\nA+1@x.example,,,c@x.example,,\nb@x.example,,en,,,",
    )
    .unwrap();
    let [a, b] = read.people.as_slice() else { panic!("{read:?}") };
    assert_eq!((a.name.as_deref(), a.language, a.substitutes.len()), (Some("安"), Some(Language::Japanese), 2));
    assert_eq!(a.substitutes[0].until, NaiveDate::from_ymd_opt(2026, 4, 30));
    assert_eq!((a.substitutes[1].name.as_deref(), a.substitutes[1].from), (None, None));
    assert_eq!((b.language, b.substitutes.len()), (Some(Language::English), 0));
    assert_eq!(
        faults(people(
            "a@x.example,,fr,a@x.example,2026-04-02,2026-04-01\nb@x.example,B,,,,2026-04-01\nb@x.example,C,,,,"
        )),
        [
            "2: column `language` holds \"fr\", which is no language of Ringi",
            "2: column `substitute_until` is 2026-04-01, before `substitute_from`",
            "2: column `substitute` names the administrator",
            "3: column `substitute` is blank, and the row has days of one",
            "4: column `name` is not what an earlier row says of the same person",
        ]
    );
}

#[test]
fn accounts_are_known_by_their_header_and_stand_once() {
    let header = "email,name,company,address,language";
    let read = import(format!("{header}\nop@ops.example,,㈱運用,東京都,ja\n")).unwrap();
    assert_eq!(read.accounts[0].company.as_deref(), Some("㈱運用"));
    assert_eq!(
        faults(import(format!("{header}\nop@ops.example,,,,\nOp+x@ops.example,,,,\n,x,,,"))),
        ["3: column `email` holds op@ops.example, which line 2 has already", "4: column `email` is blank"]
    );
}

#[test]
fn json_is_an_array_of_rows_or_an_object_of_such_arrays() {
    let contract = r#"{"contract_number": "0092168807", "holder": "㈱はるか", "aliases": ["a;b", "c"], "administered_by": "administrators",
        "administrators": [{"email": "kei@haruka.example", "name": "Kei"}, "Aya <aya@haruka.example>"], "ends_on": null}"#;
    let alone = import(format!("\u{feff} [{contract}]")).unwrap();
    let both = import(format!(
        r#"{{"bill_to": [{{"bill_to_id": 1001, "company": "x", "administrators": []}}], "contracts": [{contract}]}}"#
    ))
    .unwrap();
    assert_eq!(alone.contracts, both.contracts);
    assert_eq!(both.bill_tos[0].id, "1001");
    let read = &alone.contracts[0];
    assert_eq!(
        (read.number.as_str(), read.aliases.as_slice()),
        ("0092168807", ["a;b".to_owned(), "c".to_owned()].as_slice())
    );
    assert_eq!(read.administrators[0].name.as_deref(), Some("Kei"));
    assert_eq!(
        faults(import(
            "[\n{\"contract_number\": 9.2168807e7, \"holder\": [\"x\"],\n\"administered_by\": \"desk\"},\n{\"contract\": 1},\n7]"
        )),
        [
            "2: column `contract_number` holds the number 92168807.0",
            "2: column `holder` holds a list",
            "4: the key \"contract\" is unknown",
            "5: the row is no object",
        ]
    );
    assert_eq!(faults(import("{\n\"contract\": []}")), ["2: the key \"contract\" is of no known sheet"]);
    assert_eq!(faults(import("[{\"contract_number\": 1},\n]")).len(), 1);
}

#[test]
fn an_encoding_that_is_not_sure_is_never_guessed() {
    let text = format!("{HEADER}\n92168807,はるか商会,,,,,,,,,,desk,\n");
    let (euc_jp, _, _) = encoding_rs::EUC_JP.encode(&text);
    assert_eq!(faults(import(&euc_jp)), ["-: the file may be EUC-JP"]);
    let no_utf_16 = [b"\xff\xfe".as_slice(), b"a\0\n\0b\0\x00\xd8a\0"].concat();
    assert_eq!(faults(import(no_utf_16)), ["2: the file says that it is UTF-16LE, and is not"]);
    let broken = [HEADER.as_bytes(), b"\n92168807,\xff\xfe\xfd\n"].concat();
    assert_eq!(faults(import(broken)), ["2: the file is neither UTF-8 nor Shift_JIS"]);
}

#[test]
fn each_fault_has_its_line_and_column_and_nothing_is_half_imported() {
    let result = rows("92168807,はるか,,,,,,,,,,desk,\n\n,,,haruka,,,,someday,,,,nobody,Kei\n92168808,x,,,,,,,,,,,");
    assert_eq!(
        faults(result),
        [
            "4: column `contract_number` is blank",
            "4: column `holder` is blank",
            "4: column `domains` holds \"haruka\", a single label: every company under it would be the holder",
            "4: column `issued_at` holds \"someday\", which is no moment",
            "4: column `administered_by` holds \"nobody\"",
            "4: column `administrators` holds \"Kei\", which is no person",
            "5: column `administered_by` is blank",
        ]
    );
}

#[test]
fn a_fault_names_the_file_and_says_what_to_write() {
    let fault = with("administered_by", "").unwrap_err().remove(0);
    assert_eq!(
        fault.to_string(),
        "contracts.csv:2: column `administered_by` is blank. Write `desk`, `administrators` or `bill_to`."
    );
}

#[test]
fn lines_are_counted_over_quoted_line_breaks_and_every_kind_of_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text =
            ["", HEADER, "", "1,\"a", "b\",,,,,,,,,,desk,", "2,x,,,,,,,,,,desk,", "3,x,,,,,,,,,,boss,"].join(end);
        assert_eq!(
            faults(import(text)),
            [
                "4: column `holder` holds a line break or another control character",
                "7: column `administered_by` holds \"boss\""
            ],
            "{end:?}"
        );
    }
}

#[test]
fn a_header_must_be_the_one_or_the_other_and_whole() {
    assert_eq!(faults(import("")), ["-: the file is empty"]);
    assert_eq!(faults(import("foo,bar\n1,2\n")), ["1: the header is of no known file: \"foo,bar\""]);
    let semicolons = HEADER.replace(',', ";");
    assert_eq!(faults(import(semicolons)).len(), 1);
    assert_eq!(
        faults(import("bill_to_id,company,company,note\n")),
        ["1: column `company` is there twice", "1: column `note` is unknown", "1: column `administrators` is missing"]
    );
    assert_eq!(import(format!(" {}\n", HEADER.to_uppercase())), Ok(Register::default()));
}

#[test]
fn who_decides_must_be_there_to_decide() {
    assert_eq!(
        faults(with("administered_by", "administrators")),
        ["2: column `administrators` is blank, and `administered_by` says administrators"]
    );
    assert_eq!(
        faults(with("administered_by", "bill_to")),
        ["2: column `bill_to_id` is blank, and `administered_by` says bill_to"]
    );
}

#[test]
fn the_contract_s_own_administrators_do_not_decide_where_others_do() {
    for (by, bill_to) in [("desk", ""), ("bill_to", "BT1")] {
        let register = rows(&format!("1,x,,,,{bill_to},,,,,,{by},kei@haruka.example")).unwrap();
        assert_eq!(register.contracts[0].administrators, []);
    }
}

#[test]
fn no_domain_that_many_companies_share_entitles_one() {
    for domain in ["com", "jp", "co.jp", "OR.JP", "@ne.jp", "com.au", "gmail.com", "mail.gmail.com", "Yahoo.co.jp"] {
        assert_eq!(faults(with("domains", domain)).len(), 1, "{domain}");
    }
    for domain in ["haruka", "*.haruka.example", "kei@haruka.example", "haruka..example", "https://haruka.example"] {
        assert_eq!(faults(with("domains", domain)).len(), 1, "{domain}");
    }
    for domain in ["haruka.co.jp", "tv.example", "notgmail.com", "co.haruka.example"] {
        assert!(with("domains", domain).is_ok(), "{domain}");
    }
}

#[test]
fn a_number_stands_once_in_a_file_however_it_is_spelled() {
    let result = rows("92168807,x,,,,,,,,,,desk,\n9216-8807,y,,,,,,,,,,desk,");
    assert_eq!(faults(result), ["3: column `contract_number` holds 92168807, which line 2 has already"]);
}

#[test]
fn days_that_do_not_exist_and_an_end_before_the_start_are_faults() {
    for day in ["2026-02-30", "26-04-01", "2026.04.01", "04/01/2026", "20260401", "46113", "+2026-04-01", "2026-4-1-"] {
        assert_eq!(faults(with("starts_on", day)).len(), 1, "{day}");
    }
    for moment in ["2026-04-01T25:00", "2026-04-01 10:00Z", "2026-04-01 10:00+09:00", "2026-04-01 "] {
        assert_eq!(with("issued_at", moment).is_err(), moment.trim() == moment, "{moment}");
    }
    let result = rows("1,x,,,,,,,2026-04-01,2026-03-31,,desk,");
    assert_eq!(faults(result), ["2: column `ends_on` is 2026-03-31, before `starts_on`"]);
}

#[test]
fn a_quotation_mark_without_partner_is_told_where_it_opens() {
    let result = rows("1,x,,,,,,,,,,desk,\n2,\"x,,,,,,,,,,desk,\n3,y,,,,,,,,,,desk,");
    assert_eq!(faults(result), ["3: a quotation mark has no partner"]);
    assert_eq!(faults(rows("1,5\" disks,,,,,,,,,,desk,")), ["2: a quotation mark has no partner"]);
}

#[test]
fn a_row_of_another_length_is_told() {
    assert_eq!(
        faults(rows("1,x\n2,x,,,,,,,,,,desk,,,")),
        ["2: the row has 2 cells, the header 13", "3: the row has 15 cells, the header 13"]
    );
}

#[test]
fn a_nul_a_control_character_and_a_huge_cell_do_not_pass() {
    assert_eq!(faults(rows("1,x\0,,,,,,,,,,desk,")), ["2: the file holds a NUL: it is no CSV file"]);
    assert_eq!(faults(with("holder", "x\u{1b}[2J")).len(), 1);
    assert_eq!(
        faults(with("holder", &"あ".repeat(1_000_000))),
        ["2: column `holder` holds more than 10000 characters"]
    );
    let names_itself_shortly = faults(with("serial_numbers", &"!".repeat(9_000)));
    assert!(names_itself_shortly[0].len() < 200, "{names_itself_shortly:?}");
}

#[test]
fn what_is_over_fifty_faults_is_counted() {
    let found = faults(rows(&"1,x,,,,,,,,,,boss,\n".repeat(70)));
    assert_eq!(found.len(), 51);
    // Each row has two: the number again, and who decides; the first row has one.
    assert_eq!(found[50], "-: 89 more faults are not listed");
}
