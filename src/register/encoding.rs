//! A file's bytes as lines of text: UTF-8, UTF-16 with its mark, or the Shift_JIS of Japanese spreadsheets; anything else is a
//! fault and never a guess.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::faults::Faults;

const SAVE_AS: &str = "Save it as CSV in UTF-8 (in Excel: \"CSV UTF-8\").";

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// The encoding of the whole file, with the length of its byte order mark; the file stands behind that mark then. `None`,
/// with a fault, where it is not sure or a NUL is in it.
pub(super) fn detect(source: &mut (impl Read + Seek), faults: &mut Faults) -> io::Result<Option<&'static Encoding>> {
    let mut first = Vec::new();
    source.by_ref().take(3).read_to_end(&mut first)?;
    let (marked, mark) = match first.as_slice() {
        [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
        [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
        [0xef, 0xbb, 0xbf] => (Some(UTF_8), 3),
        _ => (None, 0),
    };
    let mut is_sound = |encoding, faults: &mut Faults| -> io::Result<Soundness> {
        source.seek(SeekFrom::Start(mark))?;
        let sound = soundness(source, encoding, faults)?;
        source.seek(SeekFrom::Start(mark))?;
        Ok(sound)
    };
    if let Some(marked) = marked {
        let sound = is_sound(marked, faults)?;
        if let Soundness::Unsound { line } = sound {
            faults.at(line, format!("the file says that it is {}, and is not", marked.name()), SAVE_AS);
        }
        return Ok((sound == Soundness::Sound).then_some(marked));
    }
    let line = match is_sound(UTF_8, faults)? {
        Soundness::Sound => return Ok(Some(UTF_8)),
        Soundness::Told => return Ok(None),
        Soundness::Unsound { line } => line,
    };
    let (shift_jis, euc_jp) = (is_sound(SHIFT_JIS, faults)?, is_sound(EUC_JP, faults)?);
    match (shift_jis, euc_jp) {
        (Soundness::Told, _) | (_, Soundness::Told) => Ok(None),
        (Soundness::Sound, Soundness::Unsound { .. }) => Ok(Some(SHIFT_JIS)),
        // Kana and common kanji of Shift_JIS are no EUC-JP; what is both is most likely the latter, garbled by the former.
        (_, Soundness::Sound) => {
            faults.whole("the file may be EUC-JP", SAVE_AS);
            Ok(None)
        }
        (Soundness::Unsound { .. }, Soundness::Unsound { .. }) => {
            faults.at(line, "the file is neither UTF-8 nor Shift_JIS", SAVE_AS);
            Ok(None)
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Soundness {
    Sound,
    /// Not of this encoding, first on that line.
    Unsound {
        line: usize,
    },
    /// Of no encoding, and a fault said so.
    Told,
}

fn soundness(source: &mut impl Read, encoding: &'static Encoding, faults: &mut Faults) -> io::Result<Soundness> {
    let mut lines = Lines::new(source, encoding);
    let mut line = 1;
    while lines.fill()? {
        line += lines.text.bytes().filter(|byte| *byte == b'\n').count();
        if let Some(at) = lines.text.find('\0') {
            line -= lines.text.bytes().skip(at).filter(|byte| *byte == b'\n').count();
            faults.at(line, "the file holds a NUL: it is no CSV file", SAVE_AS);
            return Ok(Soundness::Told);
        }
        if lines.is_broken {
            return Ok(Soundness::Unsound { line });
        }
        lines.text.clear();
    }
    Ok(Soundness::Sound)
}

/// The lines of a text, read bit by bit.
pub(super) struct Lines<'a, R> {
    source: &'a mut R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Decoded, and not handed out up to `at`.
    text: String,
    at: usize,
    is_at_end: bool,
    /// Bytes that the encoding does not have.
    is_broken: bool,
    /// The line before ended with a CR: an LF after it belongs to it.
    after_cr: bool,
}

impl<'a, R: Read> Lines<'a, R> {
    pub(super) fn new(source: &'a mut R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            text: String::new(),
            at: 0,
            is_at_end: false,
            is_broken: false,
            after_cr: false,
        }
    }

    /// Decodes some more; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_at_end || self.is_broken {
            return Ok(false);
        }
        self.text.drain(..self.at);
        self.at = 0;
        self.raw.clear();
        let read = self.source.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
        self.is_at_end = read < CHUNK;
        let mut rest = self.raw.as_slice();
        loop {
            let room = self.decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(4 * CHUNK);
            self.text.reserve(room);
            let (result, used) =
                self.decoder.decode_to_string_without_replacement(rest, &mut self.text, self.is_at_end);
            rest = rest.get(used..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return Ok(true),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.is_broken = true;
                    return Ok(true);
                }
            }
        }
    }

    /// Appends the next line to `line`, with an LF at its end whatever ended it; false where there is none.
    pub(super) fn next_into(&mut self, line: &mut String) -> io::Result<bool> {
        let mut is_begun = false;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let rest = match rest.strip_prefix('\n') {
                Some(behind) if self.after_cr => {
                    self.at += 1;
                    behind
                }
                _ => rest,
            };
            if !rest.is_empty() {
                self.after_cr = false;
                is_begun = true;
            }
            if let Some(end) = rest.bytes().position(|byte| byte == b'\n' || byte == b'\r') {
                line.push_str(rest.get(..end).unwrap_or_default());
                line.push('\n');
                self.after_cr = rest.as_bytes().get(end) == Some(&b'\r');
                self.at += end + 1;
                return Ok(true);
            }
            line.push_str(rest);
            self.at = self.text.len();
            if !self.fill()? {
                if is_begun {
                    line.push('\n');
                }
                return Ok(is_begun);
            }
        }
    }
}
