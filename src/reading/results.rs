//! The grammar of Authentication-Results (RFC 8601): a parser that lets nothing but results be results.

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    pub authserv_id: String,
    pub outcomes: Vec<Outcome>,
}

/// `dkim=pass header.d=haruka.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Lower case, without its version.
    pub method: String,
    /// Lower case.
    pub result: String,
    /// `(type, property, value)`; type and property in lower case.
    properties: Vec<(String, String, String)>,
}

/// Longer fields are no server's: their results do not count.
const LONGEST: usize = 16 * 1024;
/// Results looked at in one field.
const MOST_OUTCOMES: usize = 100;

impl Outcome {
    /// Whether the property is given at all.
    pub fn has(&self, kind: &str, property: &str) -> bool {
        self.properties.iter().any(|(k, p, _)| k == kind && p == property)
    }

    /// The property's value, where it is given exactly once: two values leave open which was checked.
    pub fn sole(&self, kind: &str, property: &str) -> Option<&str> {
        let mut values =
            self.properties.iter().filter(|(k, p, _)| k == kind && p == property).map(|(_, _, v)| v.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

/// What the lexer tells apart. Comments are gone by then.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lexeme {
    Word(String),
    Quoted(String),
    Equals,
    Semicolon,
}

/// Reads an unfolded value; `None` where it begins with no authserv-id. A segment that does not follow the grammar
/// yields no result; a comment or a quote that is not closed swallows the rest.
pub fn parse(value: &str) -> Option<Results> {
    let (lexemes, too_long) = bounded(value);
    let mut segments = lexemes.split(|l| *l == Lexeme::Semicolon);
    let authserv_id = match segments.next()? {
        [Lexeme::Word(id) | Lexeme::Quoted(id)] => id.clone(),
        // A version may follow the id.
        [Lexeme::Word(id) | Lexeme::Quoted(id), Lexeme::Word(version)]
            if version.bytes().all(|b| b.is_ascii_digit()) =>
        {
            id.clone()
        }
        _ => return None,
    };
    let outcomes = if too_long { Vec::new() } else { segments.filter_map(outcome).take(MOST_OUTCOMES).collect() };
    Some(Results { authserv_id, outcomes })
}

/// Reads a value that Microsoft's servers write without any id. `None` where it begins with an id, or with anything but
/// the result of SPF.
pub fn parse_without_id(value: &str) -> Option<Results> {
    let (lexemes, too_long) = bounded(value);
    let mut segments = lexemes.split(|l| *l == Lexeme::Semicolon).peekable();
    match segments.peek()? {
        [Lexeme::Word(method), Lexeme::Equals, ..] if method.eq_ignore_ascii_case("spf") => {}
        _ => return None,
    }
    let outcomes = if too_long { Vec::new() } else { segments.filter_map(outcome).take(MOST_OUTCOMES).collect() };
    Some(Results { authserv_id: String::new(), outcomes })
}

/// The lexemes, and whether the field is longer than any server's. One that somebody blew up must not vanish: the next
/// one under the same id would count in its place.
fn bounded(value: &str) -> (Vec<Lexeme>, bool) {
    (lex(value.get(..value.floor_char_boundary(LONGEST)).unwrap_or_default()), value.len() > LONGEST)
}

/// `method[/version] = result [reason = value] *(type.property = value)`, and nothing else.
fn outcome(segment: &[Lexeme]) -> Option<Outcome> {
    let [Lexeme::Word(method), Lexeme::Equals, Lexeme::Word(result), rest @ ..] = segment else {
        return None;
    };
    let method = method.split_once('/').map_or(method.as_str(), |(name, _)| name).to_ascii_lowercase();
    let mut properties = Vec::new();
    let mut rest = rest;
    while let [Lexeme::Word(name), Lexeme::Equals, Lexeme::Word(value) | Lexeme::Quoted(value), after @ ..] = rest {
        // `reason=` and Microsoft's `action=` have no type: they are no properties.
        if let Some((kind, property)) = name.split_once('.') {
            properties.push((kind.to_ascii_lowercase(), property.to_ascii_lowercase(), value.clone()));
        }
        rest = after;
    }
    rest.is_empty().then(|| Outcome { method, result: result.to_ascii_lowercase(), properties })
}

fn lex(value: &str) -> Vec<Lexeme> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut chars = value.chars();
    let end_word = |word: &mut String, out: &mut Vec<Lexeme>| {
        if !word.is_empty() {
            out.push(Lexeme::Word(std::mem::take(word)));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '(' => {
                end_word(&mut word, &mut out);
                let mut depth = 1usize;
                while depth > 0 {
                    match chars.next() {
                        Some('\\') => _ = chars.next(),
                        Some('(') => depth += 1,
                        Some(')') => depth -= 1,
                        Some(_) => {}
                        None => return out,
                    }
                }
            }
            '"' if word.is_empty() => {
                let mut quoted = String::new();
                loop {
                    match chars.next() {
                        Some('\\') => quoted.extend(chars.next()),
                        Some('"') => break,
                        Some(c) => quoted.push(c),
                        // Not closed: it hides whatever follows, and is no value itself.
                        None => return out,
                    }
                }
                out.push(Lexeme::Quoted(quoted));
            }
            ';' => {
                end_word(&mut word, &mut out);
                out.push(Lexeme::Semicolon);
            }
            // An equals sign divides once; behind the value's first character it belongs to the value (header.b=abc=).
            '=' if word.is_empty() || !matches!(out.last(), Some(Lexeme::Equals)) => {
                end_word(&mut word, &mut out);
                out.push(Lexeme::Equals);
            }
            c if c.is_whitespace() => end_word(&mut word, &mut out),
            c => word.push(c),
        }
    }
    end_word(&mut word, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_own_field_is_read_whole() {
        let results = parse("mx.vendor.example 1; dkim/1=pass (2048-bit; ok) reason=\"good; dmarc=pass\" header.d=Haruka.example header.b=abc==; spf=fail smtp.mailfrom=x@y.example;").unwrap();
        assert_eq!(results.authserv_id, "mx.vendor.example");
        assert_eq!(results.outcomes.len(), 2);
        assert_eq!(results.outcomes[0].method, "dkim");
        assert_eq!(results.outcomes[0].sole("header", "d"), Some("Haruka.example"));
        assert_eq!(results.outcomes[0].sole("header", "b"), Some("abc=="));
        assert_eq!(results.outcomes[1].result, "fail");
    }

    #[test]
    fn none_is_no_result() {
        assert_eq!(parse("mx.vendor.example; none").unwrap().outcomes, []);
    }

    #[test]
    fn a_field_without_an_id_is_nobodys() {
        for value in
            ["", ";", "spf=pass smtp.mailfrom=x; dmarc=pass", "mx.vendor.example dmarc=pass", "a b c; dmarc=pass"]
        {
            assert_eq!(parse(value), None, "{value}");
        }
    }

    #[test]
    fn a_property_given_twice_is_not_given() {
        let results = parse("mx; dmarc=pass header.from=a.example header.from=b.example").unwrap();
        assert_eq!(results.outcomes[0].sole("header", "from"), None);
        assert!(results.outcomes[0].has("header", "from"));
    }
}
