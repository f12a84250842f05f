//! What the TOML reader complains of, in the words of the person who wrote the file.

/// The complaint in plain words; those that are plain already stay as they are.
pub(super) fn plain(complaint: &str) -> String {
    let complaint = complaint.trim();
    if let Some(key) = complaint.strip_prefix("missing field ") {
        return format!("the key {key} is missing");
    }
    if let Some((key, known)) = complaint.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", ")) {
        return match known.strip_prefix("expected ") {
            Some(known) => match meant(key, known) {
                Some(meant) => format!("there is no key {key} here; did you mean {meant}?"),
                None => format!("there is no key {key} here; known are {}", known.trim_start_matches("one of ")),
            },
            None => format!("there is no key {key} here"),
        };
    }
    let mistaken = complaint.strip_prefix("invalid type: ").or_else(|| complaint.strip_prefix("invalid value: "));
    match mistaken.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((given, wanted)) => format!("{} stands where {} is wanted", given_as(given), wanted_as(wanted)),
        None => complaint.to_owned(),
    }
}

/// The known key that is most like the given one, both between backquotes, where one is like it at all.
fn meant<'a>(key: &str, known: &'a str) -> Option<&'a str> {
    let known = known.trim_start_matches("one of ").split([',', ' ']).filter(|word| word.starts_with('`'));
    let likeness = |word: &str| strsim::normalized_damerau_levenshtein(key, word);
    known.filter(|word| likeness(word) >= 0.6).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

fn given_as(given: &str) -> String {
    for (word, plain) in [
        ("string ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", ""),
        ("map", "a section"),
        ("sequence", "a list"),
    ] {
        if let Some(value) = given.strip_prefix(word) {
            return format!("{plain}{}", value.trim_matches('`'));
        }
    }
    given.to_owned()
}

fn wanted_as(wanted: &str) -> &str {
    match wanted {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" | "a nonzero u32" => "a whole number, 0 or more,",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "path string" => "a text in quotation marks",
        "a boolean" => "true or false",
        "a sequence" => "a list in brackets",
        _ if wanted.starts_with("struct ") || wanted == "a map" => "a section of keys",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_complaint_is_told_without_the_words_of_programmers() {
        for (complaint, expected) in [
            ("missing field `path`", "the key `path` is missing"),
            ("unknown field `pth`, expected `path`", "there is no key `pth` here; did you mean `path`?"),
            (
                "unknown field `x`, expected one of `store`, `desk`",
                "there is no key `x` here; known are `store`, `desk`",
            ),
            (
                "invalid type: string \"imaps\", expected u16",
                "the text \"imaps\" stands where a whole number from 0 to 65535 is wanted",
            ),
            (
                "invalid value: integer `99999`, expected u16",
                "the number 99999 stands where a whole number from 0 to 65535 is wanted",
            ),
            (
                "invalid type: boolean `true`, expected a string",
                "true stands where a text in quotation marks is wanted",
            ),
            ("invalid type: sequence, expected struct RawStore", "a list stands where a section of keys is wanted"),
            ("duplicate key", "duplicate key"),
        ] {
            assert_eq!(plain(complaint), expected);
        }
    }
}
