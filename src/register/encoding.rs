//! A file's bytes as text: UTF-8, or the Shift_JIS of Japanese spreadsheets; anything else is a fault and never a guess.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS};

use super::faults::Faults;
use crate::fault::line_of;

const SAVE_AS: &str = "Save it as CSV in UTF-8 (in Excel: \"CSV UTF-8\").";

/// The text without its byte order mark. `None`, with a fault, where the encoding is not sure or a NUL is in it.
pub(super) fn text<'a>(bytes: &'a [u8], faults: &mut Faults) -> Option<Cow<'a, str>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        faults.whole("the file is UTF-16", SAVE_AS);
        return None;
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let upto = bytes.get(..at).unwrap_or_default();
        let line = 1 + upto.iter().filter(|byte| **byte == b'\n').count();
        faults.at(line, "the file holds a NUL: it is no CSV file", SAVE_AS);
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let utf8 = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(Cow::Borrowed(text)),
        Err(error) => error,
    };
    match (strictly(SHIFT_JIS, bytes), strictly(EUC_JP, bytes)) {
        (Some(text), None) => Some(text),
        // Kana and common kanji of Shift_JIS are no EUC-JP; what is both is most likely the latter, garbled by the former.
        (Some(_), Some(_)) | (None, Some(_)) => {
            faults.whole("the file may be EUC-JP", SAVE_AS);
            None
        }
        (None, None) => {
            let sound = String::from_utf8_lossy(bytes.get(..utf8.valid_up_to()).unwrap_or_default());
            let line = line_of(&sound, sound.len());
            faults.at(line, "the file is neither UTF-8 nor Shift_JIS", SAVE_AS);
            None
        }
    }
}

fn strictly<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}
