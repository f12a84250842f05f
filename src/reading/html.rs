//! HTML to text that reads as the sender saw it.
//!
//! The text is written so that the reader of plain mails understands it: a quoting `blockquote` becomes `> `, a
//! signature that the mail program marked becomes `-- `, a table row of two cells `label: value`.

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};

/// Bytes of HTML that are read. Newsletters reach 500 KB, mails of people stay far below.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Tables within tables that are told apart; deeper ones are layout.
const DEEPEST_TABLE: usize = 16;
/// Quotes within quotes that get marks of their own.
const DEEPEST_QUOTE: usize = 20;
/// Elements whose end is waited for at once; beyond, quotes and hidden parts are no longer told apart.
const MOST_OPEN: usize = 2_000;
/// Characters of text that are written.
const MOST_TEXT: usize = 1024 * 1024;

/// Elements that have no content, so nothing closes them.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements of which nothing is seen.
const UNSEEN: &[&str] = &[
    "script", "style", "head", "title", "template", "noscript", "object", "svg", "select", "textarea", "iframe", "xml",
];
/// Elements that begin a line of their own.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "address",
    "center",
    "dl",
    "dt",
    "dd",
    "form",
    "fieldset",
    "body",
    "caption",
    "main",
    "figure",
    "hr",
];
/// Blocks with space around them.
const SPACED: &[&str] = &["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "dl", "hr"];
/// Marks of a signature that mail programs set.
const SIGNATURE_MARKS: &[&str] = &[
    "gmail_signature",
    "moz-signature",
    "applemailsignature",
    "ms-outlook-mobile-signature",
    "protonmail_signature_block",
    "zmail_signature",
];

/// Turns HTML into text. Total and bounded.
pub fn to_text(html: &str) -> String {
    let mut end = html.len().min(MOST_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    for Ok(token) in Tokenizer::new_with_emitter(html.get(..end).unwrap_or_default(), emitter) {
        match token {
            Token::StartTag(tag) => page.start(&tag),
            Token::EndTag(tag) => page.end(&tag),
            Token::String(text) => page.text(&String::from_utf8_lossy(&text.value)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
        if page.written > MOST_TEXT {
            break;
        }
    }
    page.finish()
}

/// What an open element does until it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Nothing,
    Hides,
    Quotes,
    Preserves,
}

/// A line under construction or done.
#[derive(Debug, Clone, Default)]
struct Line {
    quote: usize,
    text: String,
}

/// A table that is open: the cells of its current row.
#[derive(Debug, Default)]
struct Table {
    cells: Vec<Vec<Line>>,
    in_cell: bool,
}

#[derive(Debug, Default)]
struct Page {
    /// Finished lines outside all tables.
    lines: Vec<Line>,
    tables: Vec<Table>,
    line: Line,
    open: Vec<(String, Effect)>,
    hidden: usize,
    quote: usize,
    preserved: usize,
    written: usize,
}

impl Page {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
        let attribute = |key: &str| {
            let value = tag.attributes.iter().find(|(k, _)| k.eq_ignore_ascii_case(key.as_bytes())).map(|(_, v)| v);
            value.map(|v| String::from_utf8_lossy(&v.value).to_ascii_lowercase()).unwrap_or_default()
        };
        if VOID.contains(&name.as_str()) {
            if self.hidden == 0 {
                self.void(&name, &attribute("alt"));
            }
            return;
        }
        let style: String = attribute("style").split_whitespace().collect();
        let has_hidden = tag.attributes.keys().any(|k| k.eq_ignore_ascii_case(b"hidden"));
        let effect = if UNSEEN.contains(&name.as_str()) || has_hidden || hides(&style) {
            Effect::Hides
        } else if name == "blockquote" && !is_indent(&style, &attribute("type"), &attribute("class")) {
            Effect::Quotes
        } else if name == "pre" {
            Effect::Preserves
        } else {
            Effect::Nothing
        };
        if self.hidden == 0 && effect != Effect::Hides {
            self.table_start(&name);
            if BLOCKS.contains(&name.as_str()) {
                // Outlook's paragraphs have no space between them.
                self.break_line(SPACED.contains(&name.as_str()) && !attribute("class").contains("msonormal"));
            }
            let marks = [attribute("class"), attribute("id")].join(" ");
            if SIGNATURE_MARKS.iter().any(|mark| marks.split_whitespace().any(|m| m.trim_start_matches("x_") == *mark))
            {
                self.break_line(false);
                self.push_line(Line { quote: self.quote, text: "-- ".to_owned() });
            }
            if name == "li" {
                self.line.text.push_str("- ");
            }
        }
        if self.open.len() < MOST_OPEN {
            self.apply(effect, true);
            self.open.push((name, effect));
        }
    }

    fn end(&mut self, tag: &EndTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
        if name == "br" || name == "p" && !self.open.iter().rev().take(64).any(|(n, _)| n == "p") {
            self.void("br", "");
            return;
        }
        // Mis-nested: everything opened since closes with it. A tag that closes nothing is nothing; the search is
        // bounded so that a page of stray tags stays linear.
        let Some(depth) = self.open.iter().rev().take(64).position(|(n, _)| *n == name) else { return };
        let visible = self.hidden == 0;
        if visible && BLOCKS.contains(&name.as_str()) {
            self.break_line(false);
        }
        for _ in 0..=depth {
            if let Some((closed, effect)) = self.open.pop() {
                if visible {
                    self.table_end(&closed);
                }
                self.apply(effect, false);
            }
        }
    }

    fn apply(&mut self, effect: Effect, begins: bool) {
        let counter = match effect {
            Effect::Nothing => return,
            Effect::Hides => &mut self.hidden,
            Effect::Quotes => &mut self.quote,
            Effect::Preserves => &mut self.preserved,
        };
        if effect == Effect::Quotes && !self.line.text.is_empty() {
            let line = std::mem::take(&mut self.line);
            *counter = if begins { *counter + 1 } else { counter.saturating_sub(1) };
            self.push_line(line);
        } else {
            *counter = if begins { *counter + 1 } else { counter.saturating_sub(1) };
        }
        self.line.quote = self.quote;
    }

    fn void(&mut self, name: &str, alt: &str) {
        match name {
            "br" => {
                let line = std::mem::take(&mut self.line);
                self.push_line(line);
            }
            "hr" => {
                self.break_line(false);
                self.push_line(Line { quote: self.quote, text: "________________________________".to_owned() });
            }
            // Mail programs turn an emoji into a picture of it.
            "img" if !alt.is_ascii() && alt.chars().count() <= 4 => self.line.text.push_str(alt),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 || self.tables.last().is_some_and(|t| !t.in_cell) {
            return;
        }
        if self.line.text.is_empty() {
            self.line.quote = self.quote;
        }
        for c in text.chars() {
            match c {
                '\n' if self.preserved > 0 => {
                    let line = std::mem::take(&mut self.line);
                    self.push_line(line);
                    self.line.quote = self.quote;
                }
                ' ' | '\t' | '\n' | '\r' | '\u{c}' if self.preserved == 0 => {
                    if !self.line.text.is_empty() && !self.line.text.ends_with(' ') {
                        self.line.text.push(' ');
                    }
                }
                '\r' => {}
                c => self.line.text.push(c),
            }
        }
    }

    /// Ends the current line if there is anything on it; `spaced` leaves a blank one.
    fn break_line(&mut self, spaced: bool) {
        if !self.line.text.trim().is_empty() {
            let line = std::mem::take(&mut self.line);
            self.push_line(line);
        }
        self.line = Line { quote: self.quote, text: String::new() };
        if spaced && self.sink().last().is_some_and(|l| !l.text.trim().is_empty()) {
            self.push_line(Line { quote: self.quote, text: String::new() });
        }
    }

    fn push_line(&mut self, mut line: Line) {
        // A line that was begun in a quote belongs to it even where it is blank.
        line.text.truncate(line.text.trim_end_matches([' ', '\n']).len() + usize::from(line.text == "-- "));
        self.written += line.text.len() + 1;
        self.sink().push(line);
        self.line.quote = self.quote;
    }

    /// Where lines go: the innermost open cell, else the page.
    fn sink(&mut self) -> &mut Vec<Line> {
        match self.tables.iter_mut().rev().find(|t| t.in_cell).and_then(|t| t.cells.last_mut()) {
            Some(cell) => cell,
            None => &mut self.lines,
        }
    }

    fn table_start(&mut self, name: &str) {
        match name {
            "table" if self.tables.len() < DEEPEST_TABLE => {
                self.break_line(false);
                self.tables.push(Table::default());
            }
            "tr" => self.close_row(),
            "td" | "th" => {
                self.close_cell();
                if let Some(table) = self.tables.last_mut() {
                    table.cells.push(Vec::new());
                    table.in_cell = true;
                }
            }
            _ => {}
        }
    }

    fn table_end(&mut self, name: &str) {
        match name {
            "td" | "th" => self.close_cell(),
            "tr" => self.close_row(),
            "table" => {
                self.close_row();
                self.tables.pop();
            }
            _ => {}
        }
    }

    fn close_cell(&mut self) {
        if self.tables.last().is_some_and(|t| t.in_cell) {
            self.break_line(false);
            if let Some(table) = self.tables.last_mut() {
                table.in_cell = false;
            }
        }
    }

    /// Writes a row: two cells of one line each as `label: value`, more as tab-separated cells, anything larger as the
    /// blocks that its cells are (layout tables hold whole letters).
    fn close_row(&mut self) {
        self.close_cell();
        let cells = self.tables.last_mut().map(|t| std::mem::take(&mut t.cells)).unwrap_or_default();
        if cells.is_empty() {
            return;
        }
        let mut singles = Vec::new();
        for cell in &cells {
            let mut filled = cell.iter().filter(|l| !l.text.trim().is_empty());
            match (filled.next(), filled.next()) {
                (line, None) => singles.push(line.map(|l| l.text.trim().to_owned()).unwrap_or_default()),
                _ => break,
            }
        }
        if singles.len() == cells.len() {
            let text = match singles.as_slice() {
                [label, value] if !label.is_empty() && !value.is_empty() => {
                    let label = label.trim_end_matches([':', '：', ' ']);
                    format!("{label}: {value}")
                }
                _ => singles.iter().map(String::as_str).filter(|s| !s.is_empty()).collect::<Vec<_>>().join("\t"),
            };
            if !text.is_empty() {
                let quote = cells.iter().flatten().map(|l| l.quote).max().unwrap_or(self.quote);
                self.push_line(Line { quote, text });
            }
        } else {
            for line in cells.into_iter().flatten() {
                self.push_line(line);
            }
        }
    }

    fn finish(mut self) -> String {
        while !self.tables.is_empty() {
            self.table_end("table");
        }
        self.break_line(false);
        let mut out = String::new();
        let mut blank = true;
        for line in &self.lines {
            let text = line.text.trim_end_matches(|c: char| c.is_whitespace() && line.text != "-- ");
            // One blank line is enough of a gap.
            if text.trim().is_empty() {
                if blank {
                    continue;
                }
                blank = true;
            } else {
                blank = false;
            }
            if line.quote > 0 {
                out.push_str(&">".repeat(line.quote.min(DEEPEST_QUOTE)));
                out.push(' ');
            }
            out.push_str(text);
            out.push('\n');
        }
        out
    }
}

/// Whether a style, without blanks and in lower case, lets nothing be seen.
fn hides(style: &str) -> bool {
    let zero = |value: &str| {
        let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        number.parse::<f32>().is_ok_and(|number| number == 0.0)
    };
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, value)| {
        let value = value.trim_end_matches("!important");
        match property {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "mso-hide" => value == "all",
            "font-size" | "opacity" => zero(value),
            _ => false,
        }
    })
}

/// Gmail's "indent more" is a blockquote without border: it quotes nobody.
fn is_indent(style: &str, kind: &str, class: &str) -> bool {
    kind != "cite"
        && !class.contains("quote")
        && (style.contains("margin:0040px") || style.contains("margin:00px0px40px") || style.contains("border:none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_in_a_table_becomes_label_and_value() {
        let html = "<table><tr><th>契約番号</th><td>92168807</td></tr><tr><td>会社名：</td><td><p>はるか</p></td></tr></table>after";
        assert_eq!(to_text(html), "契約番号: 92168807\n会社名: はるか\nafter\n");
        assert_eq!(
            to_text("<table><tr><td>a<td>b<td>c<tr><td>d<td>e<td>f</table>"),
            "a\tb\tc\nd\te\tf\n",
            "no end tags"
        );
    }

    #[test]
    fn a_layout_table_keeps_its_blocks() {
        let html = "<table><tr><td><p>one</p><p>two</p></td><td><table><tr><td>label</td><td>value</td></tr></table></td></tr></table>";
        assert_eq!(to_text(html), "one\n\ntwo\nlabel: value\n");
    }

    #[test]
    fn a_quote_gets_its_mark_and_what_follows_it_has_none() {
        let html = "<div>ok<br></div><blockquote type=cite><div>asked<br>twice</div><blockquote>older</blockquote></blockquote><div>below</div>";
        assert_eq!(to_text(html), "ok\n\n> asked\n> twice\n> \n>> older\nbelow\n");
    }

    #[test]
    fn an_indented_paragraph_is_no_quote() {
        assert_eq!(
            to_text("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>mine</blockquote>"),
            "mine\n"
        );
    }

    #[test]
    fn what_is_not_seen_is_not_read() {
        let html = "<html><head><title>t</title><style>p{}</style></head><body><script>x()</script><div style='display: none'>approve<div>deep</div></div><span hidden>no</span>seen</body>";
        assert_eq!(to_text(html), "seen\n");
    }

    #[test]
    fn a_marked_signature_gets_the_delimiter() {
        assert_eq!(to_text("<div>ok</div><div class=\"gmail_signature\">Kei</div>"), "ok\n-- \nKei\n");
    }

    #[test]
    fn entities_blanks_and_preformatted_text_read_as_seen() {
        assert_eq!(to_text("a &amp;\n  b&nbsp;c &#x627F;&#35469;"), "a & b\u{a0}c 承認\n");
        assert_eq!(to_text("<pre>a\n  b</pre>"), "a\n  b\n");
    }

    #[test]
    fn an_emoji_that_became_a_picture_is_read() {
        assert_eq!(to_text("<img alt=\"👍\" src=x><img alt=\"Logo of a company\">"), "👍\n");
    }

    #[test]
    fn deep_and_broken_pages_end() {
        for piece in
            ["<div>", "<table><tr><td>", "<blockquote>", "</div>", "<b", "&", "<!--", "<style>", "<td>", "</table>"]
        {
            let _ = to_text(&piece.repeat(20_000));
        }
    }
}
