//! The HTML part: where the reference line stands in it, and when there is none.

/// The longest HTML part, in bytes. Gmail cuts a mail after 102 KB and hides the rest, the reference line with it: a longer
/// letter leaves as text alone.
pub(super) const LONGEST: usize = 100_000;

/// The page with the reference line as the last thing in its body, on a line of its own however it is quoted.
pub(super) fn with_line(page: &str, line: &str) -> String {
    let line = format!(
        "<p class=\"muted\" style=\"margin:0; padding:4px 8px 16px; color:#56606b; font-family:monospace; font-size:12px; \
         line-height:1.5; text-align:center; word-break:break-word; overflow-wrap:anywhere;\">{line}</p>\n"
    );
    // ASCII keeps its length in lower case, and no other character becomes shorter or longer by it.
    match page.to_ascii_lowercase().rfind("</body") {
        Some(end) => match (page.get(..end), page.get(end..)) {
            (Some(before), Some(after)) => format!("{before}{line}{after}"),
            _ => format!("{page}{line}"),
        },
        None => format!("{page}{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t8_the_line_is_the_last_thing_in_the_body_whatever_a_template_wrote() {
        let page = with_line("<HTML><BODY>署名</BODY></HTML>", "Ref: RG-7K3M9Q");
        assert!(
            page.starts_with("<HTML><BODY>署名<p ") && page.ends_with("Ref: RG-7K3M9Q</p>\n</BODY></HTML>"),
            "{page}"
        );
        assert!(with_line("<p>bare", "Ref: RG-7K3M9Q").ends_with("Ref: RG-7K3M9Q</p>\n"));
    }
}
