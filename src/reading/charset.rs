//! Bytes to text: the charsets of real mail, and the ladder of repairs.
//!
//! Labels lie, lack or name what no registry knows. Each step of [`decode`] is one function: what the bytes themselves
//! prove (a byte order mark, JIS escapes, well-formed UTF-8) stands above the label, the label above a guess.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// What a charset label means for decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// ISO-2022-JP in all its dialects: stateful, transcoded by `jis_to_euc`.
    Jis,
    /// A label that promises no 8-bit byte.
    Ascii,
    Table(&'static Encoding),
}

/// Names of ISO-2022-JP and its vendors' dialects. All decode alike: NEC and IBM extensions are allowed in each.
const JIS_NAMES: &[&str] = &[
    "iso-2022-jp",
    "iso2022jp",
    "iso-2022-jp-1",
    "iso-2022-jp-2",
    "iso-2022-jp-3",
    "iso-2022-jp-ms",
    "iso-2022-jp-2004",
    "csiso2022jp",
    "csiso2022jp2",
    "cp50220",
    "cp50221",
    "cp50222",
    "jis",
    "jis7",
    "jis_encoding",
    "x-windows-iso2022jp",
];
/// Names of Shift_JIS beyond those of the WHATWG list.
const SJIS_NAMES: &[&str] = &[
    "cp932",
    "windows-932",
    "windows932",
    "ms932",
    "ms-kanji",
    "sjis",
    "x-sjis",
    "shift-jis",
    "shift_jis",
    "shiftjis",
    "sjis-win",
    "x-ms-cp932",
    "windows-31j",
    "cswindows31j",
    "shift_jis-2004",
    "cp943",
    "cp943c",
    "mskanji",
];
const EUC_NAMES: &[&str] =
    &["euc-jp", "eucjp", "x-euc-jp", "eucjp-ms", "eucjp-win", "eucjpms", "cp51932", "ujis", "euc-jis-2004", "euc_jp"];
const ASCII_NAMES: &[&str] = &["us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-6", "iso646-us", "646"];
const UTF8_NAMES: &[&str] = &["utf-8", "utf8", "utf8mb4", "utf_8", "unicode-1-1-utf-8", "utf-8n"];

/// Reads a label; `None` where nobody knows it, or where it says nothing (`unknown-8bit`, `x-unknown`).
pub fn by_label(label: &str) -> Option<Charset> {
    let label = label.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';')).to_ascii_lowercase();
    let named = |names: &[&str]| names.contains(&label.as_str());
    if named(JIS_NAMES) {
        return Some(Charset::Jis);
    }
    if named(ASCII_NAMES) {
        return Some(Charset::Ascii);
    }
    if named(SJIS_NAMES) {
        return Some(Charset::Table(SHIFT_JIS));
    }
    if named(EUC_NAMES) {
        return Some(Charset::Table(EUC_JP));
    }
    if named(UTF8_NAMES) {
        return Some(Charset::Table(UTF_8));
    }
    // `replacement` would turn the whole text into one U+FFFD.
    Encoding::for_label(label.as_bytes()).filter(|e| *e != encoding_rs::REPLACEMENT).map(Charset::Table)
}

/// Decodes text. `label` is what the mail says, `hint` the charset of its neighbourhood, asked only before guessing.
/// Total: what no table knows becomes U+FFFD.
pub fn decode(bytes: &[u8], label: Option<&str>, hint: Option<Charset>) -> String {
    let charset = label.and_then(by_label);
    by_byte_order_mark(bytes)
        .or_else(|| by_jis_escapes(bytes))
        .or_else(|| utf8_under_another_name(bytes, charset))
        .or_else(|| by_promise(bytes, charset))
        .or_else(|| by_guess(bytes, hint))
        .unwrap_or_else(|| keep_what_is_readable(bytes, charset.or(hint)))
}

/// Step 1: a byte order mark is a promise of the bytes themselves.
fn by_byte_order_mark(bytes: &[u8]) -> Option<String> {
    let (encoding, length) = Encoding::for_bom(bytes)?;
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(length..)?);
    (encoding == UTF_8 || encoding == UTF_16BE || encoding == UTF_16LE).then(|| text.into_owned())
}

/// Step 2: escapes of ISO-2022-JP in bytes that are all 7-bit. Such a text also passes as ASCII and as UTF-8, so every
/// reader that asks those first shows `$B>5G'` instead of 承認.
fn by_jis_escapes(bytes: &[u8]) -> Option<String> {
    (bytes.is_ascii() && has_jis_escape(bytes)).then(|| decode_jis(bytes))
}

/// Step 3: well-formed UTF-8 under a name that it is not. Under a Japanese multi-byte name a sequence of three bytes is
/// asked for: half-width kana of Shift_JIS can look like sequences of two.
fn utf8_under_another_name(bytes: &[u8], charset: Option<Charset>) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if bytes.is_ascii() {
        // UTF-16 without a mark and HZ stay with their label.
        return match charset {
            Some(Charset::Table(table)) if !table.is_ascii_compatible() => None,
            _ => Some(text.to_owned()),
        };
    }
    let wide = text.chars().any(|c| c.len_utf8() >= 3);
    match charset {
        None | Some(Charset::Ascii | Charset::Jis) => Some(text.to_owned()),
        Some(Charset::Table(table)) if table == UTF_8 || (wide && table.is_ascii_compatible()) => Some(text.to_owned()),
        Some(Charset::Table(_)) => None,
    }
}

/// Step 4: the label, as long as the bytes bear it out.
fn by_promise(bytes: &[u8], charset: Option<Charset>) -> Option<String> {
    match charset? {
        // 8-bit bytes among escapes are half-width kana of JIS8 if their number is small; a text of another charset
        // under this name has no escapes at all.
        Charset::Jis => has_jis_escape(bytes).then(|| decode_jis(bytes)),
        Charset::Ascii => None,
        Charset::Table(table) => {
            let (text, damaged) = table.decode_without_bom_handling(bytes);
            (!damaged).then(|| text.into_owned())
        }
    }
}

/// Step 5: the Japanese charset under which the bytes read best, the neighbourhood's first; else Latin.
fn by_guess(bytes: &[u8], hint: Option<Charset>) -> Option<String> {
    let hinted = match hint {
        Some(Charset::Table(table)) => Some(table),
        Some(Charset::Jis | Charset::Ascii) | None => None,
    };
    let mut best: Option<(i64, String)> = None;
    for table in hinted.into_iter().chain([SHIFT_JIS, EUC_JP]) {
        let (text, damaged) = table.decode_without_bom_handling(bytes);
        if damaged {
            continue;
        }
        let score = readability(&text) + if Some(table) == hinted { 3 } else { 0 };
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, text.into_owned()));
        }
    }
    best.filter(|(score, _)| *score > 3).map(|(_, text)| text)
}

/// Step 6: nothing fits. The named table, damaged characters as U+FFFD; without a name the Latin that fits any byte.
fn keep_what_is_readable(bytes: &[u8], charset: Option<Charset>) -> String {
    match charset {
        Some(Charset::Table(table)) => table.decode_without_bom_handling(bytes).0.into_owned(),
        Some(Charset::Jis) => {
            // Damaged in every charset: the one that saves most.
            [EUC_JP, SHIFT_JIS, UTF_8]
                .into_iter()
                .map(|table| table.decode_without_bom_handling(bytes).0.into_owned())
                .max_by_key(|text| readability(text))
                .unwrap_or_default()
        }
        // Mostly UTF-8 with a cut character is UTF-8.
        Some(Charset::Ascii) | None => {
            let text = String::from_utf8_lossy(bytes);
            let lost = text.chars().filter(|c| *c == '\u{FFFD}').count();
            let sound = text.chars().filter(|c| !c.is_ascii()).count() - lost;
            if sound > lost * 2 {
                text.into_owned()
            } else {
                WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
            }
        }
    }
}

/// How much a decoded text looks like written Japanese. Half-width kana and rare kanji are what a wrong table yields.
fn readability(text: &str) -> i64 {
    text.chars()
        .map(|c| match c {
            '\u{3041}'..='\u{3096}' => 3,
            '\u{30A1}'..='\u{30FC}' | '\u{3001}' | '\u{3002}' => 2,
            '\u{4E00}'..='\u{9FFF}' => 1,
            '\u{FF61}'..='\u{FF9F}' => -2,
            '\u{FFFD}' => -20,
            '\u{E000}'..='\u{F8FF}' | '\u{80}'..='\u{9F}' => -5,
            _ => 0,
        })
        .sum()
}

/// Whether an escape of ISO-2022-JP that shifts out of ASCII occurs.
pub fn has_jis_escape(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|w| matches!(w, [0x1b, b'$', b'B' | b'@' | b'('] | [0x1b, b'(', b'J' | b'I']))
}

fn decode_jis(bytes: &[u8]) -> String {
    EUC_JP.decode_without_bom_handling(&jis_to_euc(bytes)).0.into_owned()
}

/// Where an ISO-2022-JP text stands in its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shift {
    /// ASCII and JIS X 0201 Roman: mailers shift to the latter carelessly, so a backslash stays one.
    Roman,
    Kana,
    Kanji,
    Supplement,
}

/// Transcodes ISO-2022-JP to EUC-JP. The WHATWG decoder flags `ESC ( B ESC $ B` with nothing between
/// (whatwg/encoding #115) and lets one lost escape spoil the rest; here empty shifts vanish, and a line's end
/// always returns to ASCII as RFC 1468 demands.
fn jis_to_euc(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut shift, mut locked_kana) = (Shift::Roman, false);
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if let Some((into, after)) = escape(rest) {
            (shift, rest) = (into, after);
            continue;
        }
        rest = after;
        match (*first, shift) {
            (b'\r' | b'\n', _) => {
                (shift, locked_kana) = (Shift::Roman, false);
                out.push(*first);
            }
            (0x0e, _) => locked_kana = true,
            (0x0f, _) => locked_kana = false,
            (0x21..=0x5f, Shift::Kana) => out.extend([0x8e, first | 0x80]),
            (0x21..=0x5f, Shift::Roman) if locked_kana => out.extend([0x8e, first | 0x80]),
            // JIS8: half-width kana in the upper half.
            (0xa1..=0xdf, Shift::Roman | Shift::Kana) => out.extend([0x8e, *first]),
            (0x21..=0x7e, Shift::Kanji | Shift::Supplement) => match rest.split_first() {
                Some((second @ 0x21..=0x7e, after)) => {
                    if shift == Shift::Supplement {
                        out.push(0x8f);
                    }
                    out.extend([first | 0x80, second | 0x80]);
                    rest = after;
                }
                // Half a character: lost, and the rest stays in step.
                _ => out.extend("?".bytes()),
            },
            _ => out.push(*first),
        }
    }
    out
}

/// The escape at the start of `bytes`, with what follows it.
fn escape(bytes: &[u8]) -> Option<(Shift, &[u8])> {
    match bytes {
        [0x1b, b'$', b'(', b'D', after @ ..] => Some((Shift::Supplement, after)),
        // JIS X 0213 (O, Q, P) agrees with JIS X 0208 in nearly all that mail uses.
        [0x1b, b'$', b'(', b'O' | b'Q' | b'@' | b'B', after @ ..] => Some((Shift::Kanji, after)),
        [0x1b, b'$', b'B' | b'@', after @ ..] => Some((Shift::Kanji, after)),
        [0x1b, b'(', b'I', after @ ..] => Some((Shift::Kana, after)),
        [0x1b, b'(', b'B' | b'J' | b'H', after @ ..] => Some((Shift::Roman, after)),
        [0x1b, b'&', b'@', after @ ..] => Some((Shift::Kanji, after)),
        _ => None,
    }
}

/// Whether a JIS text ends outside ASCII: the next encoded word then continues it.
pub fn ends_shifted(bytes: &[u8]) -> bool {
    let mut shift = Shift::Roman;
    let mut rest = bytes;
    while !rest.is_empty() {
        match escape(rest) {
            Some((into, after)) => (shift, rest) = (into, after),
            None => rest = rest.get(1..).unwrap_or_default(),
        }
    }
    shift != Shift::Roman
}

/// The charset that an HTML text names in its own `<meta>`, sought in its first 4 KiB as browsers do.
pub fn of_html_meta(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or_default()).to_ascii_lowercase();
    let after = head.split("<meta").skip(1).find_map(|meta| {
        let tag = meta.split('>').next().unwrap_or_default();
        tag.split_once("charset").and_then(|(_, rest)| rest.trim_start().strip_prefix('=')).map(str::to_owned)
    })?;
    let label: String = after
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
        .collect();
    by_label(&label).map(|_| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jis(text: &str) -> Vec<u8> {
        encoding_rs::ISO_2022_JP.encode(text).0.into_owned()
    }

    fn sjis(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }

    fn euc(text: &str) -> Vec<u8> {
        EUC_JP.encode(text).0.into_owned()
    }

    #[test]
    fn names_that_no_registry_knows_are_known_here() {
        for name in ["CP50221", "ISO-2022-JP-MS", "\"iso-2022-jp\"", "csISO2022JP"] {
            assert_eq!(by_label(name), Some(Charset::Jis), "{name}");
        }
        for name in ["CP932", "windows-932", "MS932", "Windows-31J", "x-sjis"] {
            assert_eq!(by_label(name), Some(Charset::Table(SHIFT_JIS)), "{name}");
        }
        assert_eq!(by_label("unknown-8bit"), None);
    }

    #[test]
    fn jis_is_seen_by_its_escapes_under_any_label_or_none() {
        for label in [None, Some("us-ascii"), Some("utf-8"), Some("iso-8859-1"), Some("cp50221"), Some("shift_jis")] {
            assert_eq!(decode(&jis("契約を承認します"), label, None), "契約を承認します", "{label:?}");
        }
    }

    #[test]
    fn nec_row_13_and_half_width_kana_survive_iso_2022_jp() {
        // 0x2D21 is a circled one, 0x2D6A the parenthesised stock company.
        assert_eq!(decode(b"\x1b$B-!-j\x1b(B ok", Some("iso-2022-jp"), None), "①㈱ ok");
        assert_eq!(decode(b"\x1b(I6@EE\x1b(B", Some("iso-2022-jp"), None), "ｶﾀﾅﾅ");
    }

    #[test]
    fn an_empty_shift_and_an_escape_lost_at_the_line_end_spoil_nothing() {
        let mut text = b"\x1b$B\x1b(B\x1b$B>5\x1b(B\x1b$BG'".to_vec();
        text.extend(b"\r\nplain\r\n");
        assert_eq!(decode(&text, Some("iso-2022-jp"), None), "承認\r\nplain\r\n");
    }

    #[test]
    fn utf8_under_a_japanese_name_is_read_as_utf8() {
        for label in ["iso-2022-jp", "shift_jis", "euc-jp", "us-ascii", "iso-8859-1"] {
            assert_eq!(decode("承認します。".as_bytes(), Some(label), None), "承認します。", "{label}");
        }
    }

    #[test]
    fn a_wrong_japanese_name_is_seen_through() {
        let text = "次のあて先へのメッセージは送信できませんでした。";
        assert_eq!(decode(&euc(text), Some("iso-2022-jp"), None), text);
        assert_eq!(decode(&sjis(text), Some("iso-2022-jp"), None), text);
        assert_eq!(decode(&sjis(text), Some("utf-8"), None), text);
    }

    #[test]
    fn raw_bytes_without_a_name_are_told_apart() {
        for text in ["契約の登録をお願いします", "ご確認ください", "株式会社はるか 森様"] {
            assert_eq!(decode(&sjis(text), None, None), text);
            assert_eq!(decode(&euc(text), None, None), text);
        }
        assert_eq!(decode(b"Caf\xe9 M\xfcller", None, None), "Café Müller", "Latin stays Latin");
    }

    #[test]
    fn the_neighbourhood_decides_where_the_bytes_alone_do_not() {
        assert_eq!(decode(&euc("森圭"), None, by_label("euc-jp")), "森圭");
        assert_eq!(decode(&sjis("森圭"), None, by_label("shift_jis")), "森圭");
    }

    #[test]
    fn half_width_kana_in_shift_jis_is_not_taken_for_utf8() {
        // C3 B1 is a Latin letter in UTF-8 and two kana here.
        assert_eq!(decode(b"\xc3\xb1", Some("shift_jis"), None), "ﾃｱ");
    }

    #[test]
    fn a_meta_element_names_the_charset() {
        assert_eq!(
            of_html_meta(b"<html><META http-equiv=x content='text/html; charset=Shift_JIS'>").as_deref(),
            Some("shift_jis")
        );
        assert_eq!(of_html_meta(b"<meta charset=\"utf-8\">").as_deref(), Some("utf-8"));
        assert_eq!(of_html_meta(b"charset=utf-8 in the text"), None);
    }

    #[test]
    fn any_bytes_give_a_text() {
        let all: Vec<u8> = (0..=255).collect();
        for label in
            [None, Some("utf-8"), Some("iso-2022-jp"), Some("shift_jis"), Some("euc-jp"), Some("utf-16le"), Some("x")]
        {
            for end in 0..all.len() {
                let _ = decode(&all[end..], label, None);
            }
        }
    }
}
