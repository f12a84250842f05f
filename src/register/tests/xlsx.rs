//! Excel workbooks, as Excel writes them.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::{Register, faults};
use crate::fault::Fault;
use crate::register::{Kind, Reading, read};

/// A cell of a sheet.
#[derive(Clone, Copy)]
enum Cell {
    Text(&'static str),
    Number(f64),
    /// A number that is shown as a date and time.
    Date(f64),
    Error,
    Blank,
}
use Cell::{Blank, Date, Error, Number, Text};

/// A workbook of these sheets. Style 1 shows numbers as dates.
fn workbook(sheets: &[(&str, Vec<Vec<Cell>>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, body: &str| {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(name, options).unwrap();
        zip.write_all(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}").as_bytes()).unwrap();
    };
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut listed, mut related) = (String::new(), String::new());
    for (n, (name, rows)) in sheets.iter().enumerate() {
        let id = n + 1;
        write!(listed, r#"<sheet name="{name}" sheetId="{id}" r:id="rId{id}"/>"#).unwrap();
        write!(related, r#"<Relationship Id="rId{id}" Type="{DOCUMENT}/worksheet" Target="worksheets/s{id}.xml"/>"#)
            .unwrap();
        let mut body = String::new();
        for (row, cells) in rows.iter().enumerate() {
            write!(body, r#"<row r="{}">"#, row + 1).unwrap();
            for (column, cell) in cells.iter().enumerate() {
                let place = format!("{}{}", char::from(b'A' + u8::try_from(column).unwrap()), row + 1);
                match cell {
                    Text(text) => write!(body, r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#),
                    Number(number) => write!(body, r#"<c r="{place}"><v>{number:e}</v></c>"#),
                    Date(number) => write!(body, r#"<c r="{place}" s="1"><v>{number}</v></c>"#),
                    Error => write!(body, r##"<c r="{place}" t="e"><v>#N/A</v></c>"##),
                    Blank => Ok(()),
                }
                .unwrap();
            }
            body.push_str("</row>");
        }
        part(
            &format!("xl/worksheets/s{id}.xml"),
            &format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>"#),
        );
    }
    part(
        "_rels/.rels",
        &format!(
            r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        ),
    );
    part(
        "xl/workbook.xml",
        &format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{listed}</sheets></workbook>"#),
    );
    write!(related, r#"<Relationship Id="rId99" Type="{DOCUMENT}/styles" Target="styles.xml"/>"#).unwrap();
    part("xl/_rels/workbook.xml.rels", &format!(r#"<Relationships xmlns="{PACKAGE}">{related}</Relationships>"#));
    part(
        "xl/styles.xml",
        &format!(
            r#"<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#
        ),
    );
    zip.finish().unwrap().into_inner()
}

fn import(bytes: &[u8]) -> Result<Register, Vec<Fault>> {
    let free_mail = ["gmail.com".to_owned()];
    let reading = Reading { zone: chrono_tz::Asia::Tokyo, free_mail: &free_mail };
    read(std::path::Path::new("register.xlsx"), bytes, reading)
}

fn header(kind: Kind) -> Vec<Cell> {
    kind.columns().iter().map(|name| Text(name)).collect()
}

/// A contract's row with these first and last cells and days.
fn row(number: Cell, holder: Cell, starts: Cell, ends: Cell) -> Vec<Cell> {
    vec![
        number,
        holder,
        Blank,
        Blank,
        Blank,
        Blank,
        Blank,
        Date(46_105.437_5),
        starts,
        ends,
        Blank,
        Text("desk"),
        Blank,
    ]
}

#[test]
fn numbers_and_dates_are_read_as_excel_shows_them() {
    let rows = vec![
        Vec::new(),
        header(Kind::Contracts),
        row(Number(92_168_807.0), Text("㈱はるか"), Date(46_113.0), Text("2027/3/31")),
        row(Text("0092168807"), Text("&lt;x&gt;"), Blank, Blank),
    ];
    let register = import(&workbook(&[("Sheet1", rows)])).unwrap();
    let [one, two] = register.contracts.as_slice() else { panic!("{register:?}") };
    assert_eq!((one.number.as_str(), two.number.as_str()), ("92168807", "0092168807"));
    assert_eq!((one.starts_on, one.ends_on), ("2026-04-01".parse().ok(), "2027-03-31".parse().ok()));
    assert_eq!(one.issued_at.unwrap().to_rfc3339(), "2026-03-24T01:30:00+00:00", "10:30 in Tokyo");
    assert_eq!(two.holder, "<x>");
}

#[test]
fn what_a_spreadsheet_spoiled_is_told_by_sheet_row_and_column() {
    let rows = vec![
        header(Kind::Contracts),
        row(Text("9.2168807E+07"), Text("x"), Blank, Blank),
        row(Number(1_234_567_890_123_456_789.0), Text("x"), Blank, Blank),
        row(Number(92.5), Error, Blank, Number(46_113.0)),
    ];
    assert_eq!(
        faults(import(&workbook(&[("Contracts ", rows), ("notes", Vec::new())]))),
        [
            "2: sheet `Contracts `: column `contract_number` holds \"9.2168807E+07\", which is no number",
            "3: sheet `Contracts `: column `contract_number` holds a number of more than 15 digits, of which a spreadsheet keeps 15",
            "4: sheet `Contracts `: column `contract_number` holds \"92.5\", which is no number",
            "4: sheet `Contracts `: column `holder` holds the error #N/A",
            "4: sheet `Contracts `: column `ends_on` holds \"46113\", which is no day",
        ]
    );
}

#[test]
fn the_sheets_of_a_workbook_are_known_by_name() {
    let accounts = vec![header(Kind::Accounts), vec![Text("op@ops.example"), Blank, Text("㈱運用")]];
    let bill_to = vec![header(Kind::BillTos), vec![Number(1001.0), Text("商社"), Text("p@shosha.example")]];
    let people = vec![header(Kind::Administrators), vec![Text("p@shosha.example"), Blank, Text("ja")]];
    let sheets = [("accounts", accounts.clone()), ("bill_to", bill_to), ("Administrators", people)];
    let register = import(&workbook(&sheets)).unwrap();
    assert_eq!((register.accounts.len(), register.bill_tos[0].id.as_str(), register.people.len()), (1, "1001", 1));
    let told = faults(import(&workbook(&[("accounts", accounts.clone()), ("old", accounts.clone())])));
    assert_eq!(told, ["-: sheet `old` has a name that says nothing"]);
    let told = faults(import(&workbook(&[("contracts", accounts)])));
    assert!(told.iter().any(|fault| fault.contains("sheet `contracts`: column `holder` is missing")), "{told:?}");
}

#[test]
fn a_workbook_that_is_none_is_told() {
    assert!(faults(import(b"PK\x03\x04 and then nothing"))[0].starts_with("-: the workbook cannot be read"));
    let old = faults(import(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
    assert_eq!(old, ["-: the file is a workbook of an old Excel, or one under a password"]);
}
