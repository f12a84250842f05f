//! Attachments that carry particulars: CSV and plain text now, XLSX later.

use super::Attachment;
use super::charset::{self, Charset};

/// Bytes of a table that are read; larger ones are an export, not a request.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Rows kept.
const MOST_ROWS: usize = 10_000;
/// Cells kept of one row.
const MOST_CELLS: usize = 200;

/// What an attached part is, by its name, its type and its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Text,
    Xlsx,
    EncryptedZip,
    Zip,
    Tnef,
    Other,
}

/// Reads an attached part. Total: what cannot be read says why.
pub fn read(
    name: Option<String>,
    content_type: &str,
    bytes: &[u8],
    charset: Option<&str>,
    hint: Option<Charset>,
) -> Attachment {
    let (rows, not_read) = match format(name.as_deref().unwrap_or_default(), content_type, bytes) {
        Format::Table | Format::Text if bytes.len() > MOST_BYTES => {
            (Vec::new(), Some(format!("The attachment is larger than {} MB.", MOST_BYTES / (1024 * 1024))))
        }
        Format::Table => table(&charset::decode(bytes, charset, hint)),
        Format::Text => lines(&charset::decode(bytes, charset, hint)),
        Format::Xlsx => (Vec::new(), Some("Excel workbooks are not read yet.".to_owned())),
        Format::EncryptedZip => (Vec::new(), Some("The archive is encrypted.".to_owned())),
        Format::Zip => (Vec::new(), Some("Archives are not opened.".to_owned())),
        Format::Tnef => (Vec::new(), Some("Outlook's winmail.dat is not read.".to_owned())),
        Format::Other => (Vec::new(), Some(format!("Attachments of type {content_type} are not read."))),
    };
    Attachment { name, content_type: content_type.to_owned(), rows, not_read }
}

fn format(name: &str, content_type: &str, bytes: &[u8]) -> Format {
    let name = name.to_lowercase();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    // The bytes of a ZIP say so themselves, under whatever name it was sent past a filter.
    if bytes.starts_with(b"PK\x03\x04") {
        // Bit 0 of the general purpose flags of the first entry.
        return match bytes.get(6) {
            Some(flags) if flags & 1 == 1 => Format::EncryptedZip,
            _ if ends(&[".xlsx", ".xlsm"]) || content_type.contains("spreadsheetml") => Format::Xlsx,
            _ => Format::Zip,
        };
    }
    // An encrypted workbook is an OLE container.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") && ends(&[".xlsx", ".xlsm"]) {
        return Format::EncryptedZip;
    }
    if ends(&["winmail.dat"]) || content_type.ends_with("ms-tnef") {
        return Format::Tnef;
    }
    if ends(&[".csv", ".tsv"])
        || matches!(content_type, "text/csv" | "text/tab-separated-values" | "text/comma-separated-values")
    {
        return Format::Table;
    }
    if content_type == "text/plain" || ends(&[".txt"]) {
        return Format::Text;
    }
    Format::Other
}

fn table(text: &str) -> (Vec<Vec<String>>, Option<String>) {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        // Text in memory as UTF-8 gives no error; should one come, the rows before it stand.
        let Ok(record) = record else { break };
        if rows.len() == MOST_ROWS {
            return (rows, Some(format!("Only the first {MOST_ROWS} rows were read.")));
        }
        let row: Vec<String> = record.iter().take(MOST_CELLS).map(cell).collect();
        if row.iter().any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
    }
    (rows, None)
}

/// A text file is read as one cell a line.
fn lines(text: &str) -> (Vec<Vec<String>>, Option<String>) {
    let rows: Vec<Vec<String>> = text
        .trim_start_matches('\u{FEFF}')
        .lines()
        .map(cell)
        .filter(|line| !line.is_empty())
        .take(MOST_ROWS)
        .map(|line| vec![line])
        .collect();
    (rows, None)
}

fn cell(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.trim().to_owned()
}

/// The separator that the first line uses most.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    if count('\t') > count(',') {
        b'\t'
    } else if count(';') > count(',') {
        b';'
    } else {
        b','
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "契約番号,会社名\r\n92168807,\"はるか, 株式会社\"\r\n\r\n";

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        read(Some("一覧.CSV".into()), "application/vnd.ms-excel", bytes, None, None).rows
    }

    #[test]
    fn a_csv_reads_alike_in_utf8_with_or_without_mark_and_in_shift_jis() {
        let expected = [["契約番号", "会社名"], ["92168807", "はるか, 株式会社"]];
        assert_eq!(rows(TABLE.as_bytes()), expected);
        assert_eq!(rows(format!("\u{FEFF}{TABLE}").as_bytes()), expected);
        assert_eq!(rows(&encoding_rs::SHIFT_JIS.encode(TABLE).0), expected);
        assert_eq!(
            rows(TABLE.replace(',', "\t").replace("\"はるか\t 株式会社\"", "\"はるか, 株式会社\"").as_bytes()),
            expected
        );
    }

    #[test]
    fn what_is_not_read_says_why_in_a_sentence() {
        let said =
            |name: &str, kind: &str, bytes: &[u8]| read(Some(name.into()), kind, bytes, None, None).not_read.unwrap();
        assert_eq!(said("a.zip", "application/zip", b"PK\x03\x04\x14\x00\x01\x00"), "The archive is encrypted.");
        assert_eq!(
            said("a.xlsx", "application/octet-stream", b"PK\x03\x04\x14\x00\x00\x00"),
            "Excel workbooks are not read yet."
        );
        assert_eq!(said("a.xlsx", "application/octet-stream", b"\xd0\xcf\x11\xe0\x00"), "The archive is encrypted.");
        assert_eq!(said("winmail.dat", "application/ms-tnef", b"x"), "Outlook's winmail.dat is not read.");
        assert_eq!(said("a.png", "image/png", b"x"), "Attachments of type image/png are not read.");
        assert_eq!(said("a.csv", "text/csv", &vec![b'a'; MOST_BYTES + 1]), "The attachment is larger than 2 MB.");
    }

    #[test]
    fn rows_are_bounded_and_it_is_said() {
        let long = "a,b\n".repeat(MOST_ROWS + 1);
        let attachment = read(None, "text/csv", long.as_bytes(), None, None);
        assert_eq!(attachment.rows.len(), MOST_ROWS);
        assert!(attachment.not_read.is_some());
    }

    #[test]
    fn an_unclosed_quote_and_a_zero_byte_harm_nothing() {
        assert_eq!(rows(b"a,\"b\nc\0d"), [["a", "b c d"]]);
    }
}
