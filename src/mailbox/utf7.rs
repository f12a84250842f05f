//! Modified UTF-7, in which IMAP4rev1 spells folder names (RFC 3501, section 5.1.3).

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

/// Base64 with `,` in the place of `/`, without padding. `None` would mean that the specification below is wrong, which
/// a test rules out.
static BASE64: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    specification.encoding().ok()
});

/// A folder name as it goes over the line.
pub fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut wide: Vec<u8> = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            shift_out(&mut wide, &mut out);
            out.push(character);
            if character == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0u16; 2];
            wide.extend(character.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    shift_out(&mut wide, &mut out);
    out
}

fn shift_out(wide: &mut Vec<u8>, out: &mut String) {
    if let Some(base64) = BASE64.as_ref().filter(|_| !wide.is_empty()) {
        out.push('&');
        base64.encode_append(wide, out);
        out.push('-');
    }
    wide.clear();
}

/// A folder name as the server gave it. What is not modified UTF-7 stays as it is: some servers send plain UTF-8.
pub fn decode(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, shifted)) = rest.split_once('&') {
        out.push_str(before);
        let Some((inside, after)) = shifted.split_once('-') else {
            out.push('&');
            rest = shifted;
            continue;
        };
        match inside {
            "" => out.push('&'),
            _ => match decode_shifted(inside) {
                Some(text) => out.push_str(&text),
                None => {
                    out.push('&');
                    out.push_str(inside);
                    out.push('-');
                }
            },
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn decode_shifted(inside: &str) -> Option<String> {
    let bytes = BASE64.as_ref()?.decode(inside.as_bytes()).ok()?;
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    odd.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_3501_and_a_japanese_name_are_spelled_as_servers_spell_them() {
        assert_eq!(encode("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(encode("日本語"), "&ZeVnLIqe-");
        assert_eq!(encode("Q&A"), "Q&-A");
        assert_eq!(encode("INBOX"), "INBOX");
    }

    #[test]
    fn every_name_comes_back_as_it_was() {
        for name in
            ["対応済み", "Q&A", "a&b&c", "&", "完了/済み 2026", "𠮷野家", "é-", "", "Ringi/人が見る", "tab\there"]
        {
            assert_eq!(decode(&encode(name)), name, "{name}");
            assert!(encode(name).is_ascii());
        }
    }

    #[test]
    fn what_is_not_modified_utf_7_stays_as_it_is() {
        for name in ["済み", "a & b", "&***-", "&AB-", "&2D0-"] {
            assert_eq!(decode(name), name);
        }
    }
}
