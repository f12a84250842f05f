//! Parameters of Content-Type and Content-Disposition: RFC 2045, RFC 2231, and what mailers write instead.

use super::charset::{self, Charset};
use super::{encoded_word, transfer};

/// A value with its parameters: `text/plain; charset=utf-8`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameterised {
    /// Lower case, without blanks.
    pub value: String,
    /// Names in lower case.
    parameters: Vec<(String, Vec<u8>)>,
}

/// More sections than this make no name of a file.
const MOST_SECTIONS: u32 = 64;

impl Parameterised {
    /// Reads a header's raw value. Total.
    pub fn parse(raw: &[u8]) -> Self {
        let mut pieces = split(raw).into_iter();
        let value = String::from_utf8_lossy(&pieces.next().unwrap_or_default()).to_ascii_lowercase();
        let value =
            value.split(|c: char| c.is_whitespace() || c == '(').find(|s| !s.is_empty()).unwrap_or("").to_owned();
        let parameters = pieces
            .filter_map(|piece| {
                let at = piece.iter().position(|b| *b == b'=')?;
                let (name, rest) = piece.split_at(at);
                let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
                Some((name, unquote(rest.get(1..)?.trim_ascii())))
            })
            .collect();
        Self { value, parameters }
    }

    /// A parameter as plain ASCII: charset, boundary, format.
    pub fn get(&self, name: &str) -> Option<String> {
        self.raw(name).map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
    }

    /// A parameter that may hold any script: a file's name.
    pub fn text(&self, name: &str, hint: Option<Charset>) -> Option<String> {
        if let Some(extended) = self.raw(&format!("{name}*")) {
            return Some(extended_value(extended));
        }
        if let Some(sections) = self.sections(name) {
            return Some(sections);
        }
        let raw = self.raw(name)?;
        Some(encoded_word::decode(&charset::decode(raw, None, hint)))
    }

    fn raw(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice())
    }

    /// `name*0*=`, `name*1=` …: the bytes of all sections are joined before they are decoded, since a section may end
    /// within a character or a JIS shift.
    fn sections(&self, name: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let mut label = None;
        for number in 0..MOST_SECTIONS {
            if let Some(plain) = self.raw(&format!("{name}*{number}")) {
                bytes.extend_from_slice(plain);
            } else if let Some(encoded) = self.raw(&format!("{name}*{number}*")) {
                let (named, rest) = if number == 0 { charset_of(encoded) } else { (None, encoded) };
                label = label.or(named);
                bytes.extend(transfer::percent(rest));
            } else {
                break;
            }
        }
        (!bytes.is_empty()).then(|| charset::decode(&bytes, label.as_deref(), None))
    }
}

/// `charset'language'value`: the charset, and the value still in percents.
fn charset_of(encoded: &[u8]) -> (Option<String>, &[u8]) {
    let mut pieces = encoded.splitn(3, |b| *b == b'\'');
    match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(label), Some(_), Some(value)) => (Some(String::from_utf8_lossy(label).into_owned()), value),
        _ => (None, encoded),
    }
}

fn extended_value(encoded: &[u8]) -> String {
    let (label, value) = charset_of(encoded);
    charset::decode(&transfer::percent(value), label.as_deref(), None)
}

/// Splits at semicolons outside quotes. Bytes of Shift_JIS may contain a backslash as second half: inside quotes an
/// 8-bit byte takes its follower along.
fn split(raw: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let (mut quoted, mut previous_wide) = (false, false);
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        let wide = previous_wide;
        previous_wide = !wide && *byte >= 0x80;
        match byte {
            b';' if !quoted => {
                pieces.push(Vec::new());
                continue;
            }
            b'"' => quoted = !quoted,
            b'\\' if quoted && !wide => {
                if let Some(piece) = pieces.last_mut() {
                    piece.push(*byte);
                    piece.extend(bytes.next());
                }
                continue;
            }
            _ => {}
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(*byte);
        }
    }
    pieces
}

/// Takes quotes and their backslashes off.
fn unquote(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"") else {
        return value.to_vec();
    };
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, rest) {
            (b'\\', [escaped @ (b'"' | b'\\'), after @ ..]) => {
                out.push(*escaped);
                rest = after;
            }
            (0x80.., [second @ b'\\', after @ ..]) => {
                out.extend([*first, *second]);
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_and_parameters_are_read_in_any_case_and_quotes() {
        let read = Parameterised::parse(b"Text/Plain ; CharSet=\"ISO-2022-JP\"; format=flowed; delsp=yes");
        assert_eq!(read.value, "text/plain");
        assert_eq!(read.get("charset").as_deref(), Some("ISO-2022-JP"));
        assert_eq!(read.get("delsp").as_deref(), Some("yes"));
        assert_eq!(read.get("boundary"), None);
    }

    #[test]
    fn a_file_name_in_sections_is_joined_before_it_is_decoded() {
        let read =
            Parameterised::parse(b"attachment; filename*0*=iso-2022-jp'ja'%1B%24B%40; filename*1*=%40Ls%1B%28B.csv");
        assert_eq!(
            read.text("filename", None).as_deref(),
            Some("契約.csv").map(|_| charset::decode(b"\x1b$B@@Ls\x1b(B.csv", None, None)).as_deref()
        );
        let read = Parameterised::parse("attachment; filename*=UTF-8''%E5%A5%91%E7%B4%84.csv".as_bytes());
        assert_eq!(read.text("filename", None).as_deref(), Some("契約.csv"));
    }

    #[test]
    fn a_file_name_in_encoded_words_or_raw_shift_jis_is_read() {
        let read = Parameterised::parse(b"attachment; filename=\"=?UTF-8?B?5aWR57SE?=.csv\"");
        assert_eq!(read.text("filename", None).as_deref(), Some("契約.csv"));
        // 表 ends in a backslash byte in Shift_JIS.
        let mut raw = b"attachment; filename=\"".to_vec();
        raw.extend(encoding_rs::SHIFT_JIS.encode("一覧表のコピー.csv").0.iter());
        raw.extend(b"\"; size=3");
        let read = Parameterised::parse(&raw);
        assert_eq!(read.text("filename", None).as_deref(), Some("一覧表のコピー.csv"));
        assert_eq!(read.get("size").as_deref(), Some("3"));
    }
}
