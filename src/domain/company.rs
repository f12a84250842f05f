//! Company names: evidence that is shown to whoever decides, and never enough to entitle anybody.

use unicode_normalization::UnicodeNormalization;

/// A name after folding: NFKC, case, kana, blanks and punctuation, the legal form stripped at either end.
///
/// `legal_forms` is the list of `rules/companies.toml`, in any spelling.
pub fn folded(name: &str, legal_forms: &[String]) -> String {
    let mut text = fold_characters(name);
    let mut forms: Vec<String> =
        legal_forms.iter().map(|form| fold_characters(form)).filter(|f| !f.is_empty()).collect();
    // The longest first, so that "co.,ltd." goes as a whole.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    // Twice: "株式会社 … Co., Ltd." bears one at either end.
    for _ in 0..2 {
        for form in &forms {
            // A name that is nothing but its legal form names nobody.
            let rest = text.strip_prefix(form.as_str()).or_else(|| text.strip_suffix(form.as_str()));
            if let Some(rest) = rest {
                text = rest.to_owned();
                break;
            }
        }
    }
    text
}

/// Whether a name that a mail gives is one of the names that the register knows.
pub fn is_one_of<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, legal_forms: &[String]) -> bool {
    let wanted = folded(name, legal_forms);
    !wanted.is_empty() && known.into_iter().any(|known| folded(known, legal_forms) == wanted)
}

fn fold_characters(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric() || *c == 'ー')
        .map(|c| match c {
            // Hiragana to katakana: the two blocks lie 0x60 apart.
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms() -> Vec<String> {
        ["株式会社", "(株)", "有限会社", "合同会社", "K.K.", "Co., Ltd.", "Ltd.", "Inc.", "GmbH"]
            .map(String::from)
            .to_vec()
    }

    #[test]
    fn the_legal_form_counts_at_neither_end() {
        for spelling in ["株式会社あおば商会", "あおば商会㈱", "（株）アオバ商会", "あおば商会 株式会社", "ｱｵﾊﾞ商会"]
        {
            assert!(is_one_of(spelling, ["株式会社アオバ商会"], &forms()), "{spelling}");
        }
        assert!(is_one_of("Aoba Trading Co., Ltd.", ["AOBA TRADING"], &forms()));
    }

    #[test]
    fn another_company_stays_another_company() {
        assert!(!is_one_of("株式会社あおば商会西日本", ["株式会社あおば商会"], &forms()));
        assert!(!is_one_of("", ["株式会社あおば商会"], &forms()));
        assert!(!is_one_of("株式会社", ["株式会社"], &forms()), "a legal form alone names nobody");
    }
}
