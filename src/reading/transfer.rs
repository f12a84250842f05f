//! Content-Transfer-Encodings, undone without ever failing: what is damaged yields what can be saved.

/// Undoes base64. Characters outside the alphabet are skipped, a cut end gives the whole bytes before it.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u8);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            // Padding ends a run; some mailers join several padded runs, so reading goes on after it.
            b'=' => {
                (bits, held) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// Undoes quoted-printable. An `=` that starts no code stands for itself.
pub fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'=' {
            out.push(*first);
            continue;
        }
        if let Some(after) = soft_break(rest) {
            rest = after;
        } else if let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
        } else {
            out.push(b'=');
        }
    }
    out
}

/// Undoes the Q encoding of RFC 2047: quoted-printable in which `_` is a blank.
pub fn q_word(bytes: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = bytes.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
    quoted_printable(&spaced)
}

/// Undoes `%41` of RFC 2231.
pub fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%'
            && let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
        } else {
            out.push(*first);
        }
    }
    out
}

/// What follows a soft line break: blanks up to the line's end are part of it (RFC 2045, 6.7).
fn soft_break(rest: &[u8]) -> Option<&[u8]> {
    let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    match rest.get(blanks..)? {
        [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => Some(after),
        [] => Some(&[]),
        _ => None,
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_survives_line_ends_junk_and_a_cut_end() {
        assert_eq!(base64(b"5om/\r\n6KqN"), "承認".as_bytes());
        assert_eq!(base64(b"YWJj!ZGVm"), b"abcdef");
        assert_eq!(base64(b"YWJjZ"), b"abc");
        assert_eq!(base64(b"YQ==Yg=="), b"ab", "padded runs joined");
    }

    #[test]
    fn quoted_printable_joins_soft_breaks_and_keeps_what_is_no_code() {
        assert_eq!(quoted_printable(b"=E6=89=\r\n=BF a=b 1=2 =3D"), "承 a=b 1=2 =".as_bytes());
        assert_eq!(quoted_printable(b"end=  \nof=zz="), b"endof=zz");
    }
}
