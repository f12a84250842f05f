//! What a desk may override, and what becomes of a template that is broken.

use std::path::Path;

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("mail")).unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn fault_of(dir: &Path) -> Fault {
    let faults = Templates::load(Some(dir)).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.into_iter().next().unwrap()
}

#[test]
fn a_file_of_the_same_name_overrides_the_embedded_template() {
    let dir = folder(&[
        ("mail/receipt.en.txt", "\u{feff}Hello {{ to_name }},\r\n\r\nwe read {{ about }}."),
        ("mail/.receipt.swp", ""),
    ]);
    let templates = Templates::load(Some(dir.path())).unwrap();
    let (rendered, fallback) = templates.render(&desk(), &sample("receipt", Language::English), now()).unwrap();
    assert_eq!(fallback, None);
    assert_eq!(rendered.shown_text, "Hello Kei Mori,\n\nwe read 貸出機の返却について / Returning a loan unit.\n");
}

#[test]
fn an_override_cannot_lose_the_reference_line() {
    let dir = folder(&[("mail/approval_request.en.txt", "Please approve or deny.")]);
    let templates = Templates::load(Some(dir.path())).unwrap();
    let (rendered, _) = templates.render(&desk(), &sample("approval_request", Language::English), now()).unwrap();
    assert_eq!(rendered.shown_text, "Please approve or deny.\n\nRef: RG-7K3M9Q …\n");
}

#[test]
fn a_broken_override_is_told_with_file_and_line() {
    let dir = folder(&[("mail/status.ja.txt", "一行目\n二行目\n{{ nobody_knows_this }}\n")]);
    let fault = fault_of(dir.path());
    assert_eq!(fault.file.as_deref(), Some(dir.path().join("mail/status.ja.txt").as_path()));
    assert_eq!(fault.line, Some(3), "{fault}");
    let dir = folder(&[("mail/status.ja.txt", "{% if headline %}\nno end\n")]);
    assert_eq!(fault_of(dir.path()).file, Some(dir.path().join("mail/status.ja.txt")));
}

#[test]
fn a_broken_part_is_told_once_and_by_its_own_name() {
    let dir = folder(&[("mail/_footer.en.txt", "{{ desk }}\n{{ signature }}\n")]);
    let fault = fault_of(dir.path());
    assert_eq!(fault.file.as_deref(), Some(dir.path().join("mail/_footer.en.txt").as_path()), "{fault}");
    assert_eq!(fault.line, Some(2), "{fault}");
}

#[test]
fn an_override_that_breaks_what_it_includes_is_blamed_itself() {
    let dir = folder(&[("mail/receipt.en.txt", "Hello\n{% include \"mail/_lines.en.txt\" %}\n")]);
    assert_eq!(fault_of(dir.path()).file, Some(dir.path().join("mail/receipt.en.txt")));
}

#[test]
fn a_fault_that_only_one_status_reaches_is_found_at_load() {
    let branch = "Hi\n{% for line in lines %}\n{% if line.looked_at_again %}\n{{ line.nothing.at_all }}\n{% endif %}\n{% endfor %}\n";
    let dir = folder(&[("mail/status.en.txt", branch)]);
    assert_eq!(fault_of(dir.path()).line, Some(4));
}

#[test]
fn a_template_that_counts_on_a_name_is_found_at_load() {
    let dir = folder(&[("mail/status.en.txt", "Hello {{ to_name | length }}")]);
    assert_eq!(fault_of(dir.path()).line, Some(1));
}

#[test]
fn a_loop_without_end_and_a_template_of_nothing_are_faults() {
    let endless = "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}";
    assert!(fault_of(folder(&[("mail/receipt.ja.txt", endless)]).path()).what.contains("fuel"));
    assert!(fault_of(folder(&[("mail/receipt.ja.subject", " \n")]).path()).what.contains("nothing is left"));
}

#[test]
fn a_subject_cannot_use_what_carries_tokens() {
    let dir = folder(&[("mail/approval_request.en.subject", "{{ answer.approve }}")]);
    assert_eq!(fault_of(dir.path()).line, Some(1));
}

#[test]
fn a_file_that_overrides_nothing_is_a_fault() {
    for stray in ["mail/stauts.ja.txt", "mail/status.fr.txt", "status.ja.txt", "mail/status.ja.md"] {
        let dir = folder(&[(stray, "x")]);
        assert_eq!(fault_of(dir.path()).file, Some(dir.path().join(stray)), "{stray}");
    }
    let dir = folder(&[]);
    std::fs::write(dir.path().join("mail/status.ja.txt"), b"ok\n\x93\xfa\x96\x7b\n").unwrap();
    assert_eq!(fault_of(dir.path()).line, Some(2), "Shift_JIS is not UTF-8");
    assert_eq!(fault_of(Path::new("/nowhere/at/all")).file.as_deref(), Some(Path::new("/nowhere/at/all")));
}

#[test]
fn a_template_that_fails_on_a_real_letter_falls_back_to_the_embedded_one_and_says_so() {
    // Passes with every sample, and fails where a name is long: what no rehearsal can foresee.
    let trap = "Hi\n{% if to_name and to_name | length > 40 %}\n{{ to_name.surname }}\n{% endif %}\n";
    let dir = folder(&[("mail/receipt.en.txt", trap)]);
    let templates = Templates::load(Some(dir.path())).unwrap();
    let letter = Letter { to_name: Some("a".repeat(50)), ..sample("receipt", Language::English) };
    let (rendered, fallback) = templates.render(&desk(), &letter, now()).unwrap();
    assert_eq!(rendered.shown_text, render(&desk(), &letter).shown_text);
    let fallback = fallback.unwrap();
    assert_eq!(fallback.letter, "receipt");
    assert_eq!(fallback.fault.file, Some(dir.path().join("mail/receipt.en.txt")));
    assert_eq!(fallback.fault.line, Some(3));
    assert!(!fallback.fault.to_string().contains("aaaa"), "a fault tells no personal data");
}

#[test]
fn what_init_writes_is_what_is_embedded() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in Templates::files() {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let templates = Templates::load(Some(dir.path())).unwrap();
    let letter = sample("approval_request", Language::Japanese);
    let (rendered, _) = templates.render(&desk(), &letter, now()).unwrap();
    assert_eq!(rendered.bytes, render(&desk(), &letter).bytes);
}

fn rendered_in(dir: &Path, name: &str) -> Rendered {
    let templates = Templates::load(Some(dir)).unwrap();
    let (rendered, fallback) = templates.render(&desk(), &sample(name, Language::English), now()).unwrap();
    assert_eq!(fallback, None);
    rendered
}

/// How many parts the mail has: 1 where it is text alone, 3 with the container of text and HTML.
fn parts(rendered: &Rendered) -> usize {
    parsed(rendered).parts.len()
}

#[test]
fn a_letter_with_a_text_of_the_desk_s_own_leaves_as_text_alone_until_its_html_is_its_own_too() {
    let dir = folder(&[("mail/status.en.txt", "Our own words.")]);
    assert_eq!(Templates::load(Some(dir.path())).unwrap().text_only(), ["status.en"]);
    let rendered = rendered_in(dir.path(), "status");
    assert_eq!((parts(&rendered), header(&rendered, "MIME-Version").as_deref()), (1, Some("1.0")));
    assert_eq!(parts(&rendered_in(dir.path(), "receipt")), 3, "other letters stay as they are");
    std::fs::write(dir.path().join("mail/status.en.html"), "<p>Our own <b>words</b>.</p>").unwrap();
    assert!(Templates::load(Some(dir.path())).unwrap().text_only().is_empty());
    let rendered = rendered_in(dir.path(), "status");
    assert_eq!(parts(&rendered), 3);
    assert!(html(&rendered).starts_with("<p>Our own <b>words</b>.</p>\n<p class"), "{}", html(&rendered));
    assert!(html(&rendered).trim_end().ends_with("Ref: RG-7K3M9Q</p>"), "{}", html(&rendered));
}

#[test]
fn a_part_with_words_of_the_desk_s_own_counts_for_every_letter_that_includes_it() {
    let dir = folder(&[("mail/_footer.en.txt", "Bye.\n")]);
    let alone = Templates::load(Some(dir.path())).unwrap().text_only().to_vec();
    assert_eq!(alone.len(), Body::NAMES.len());
    assert!(alone.iter().all(|name| name.ends_with(".en")), "{alone:?}");
    // A copy as `ringi init` writes it says nothing of its own.
    let (_, copy) = Templates::files().find(|(name, _)| *name == "mail/_footer.en.txt").unwrap();
    let dir = folder(&[("mail/_footer.en.txt", copy)]);
    assert!(Templates::load(Some(dir.path())).unwrap().text_only().is_empty());
}

#[test]
fn an_html_part_of_the_desk_s_own_wants_a_text_that_says_the_same() {
    let dir = folder(&[("mail/status.ja.html", "<p>当社の文面</p>")]);
    let fault = fault_of(dir.path());
    assert_eq!(fault.file, Some(dir.path().join("mail/status.ja.html")));
    assert!(fault.to_string().contains("mail/status.ja.txt"), "{fault}");
}

#[test]
fn a_desk_may_give_its_letters_another_look_without_other_words() {
    let (_, sheet) = Templates::files().find(|(name, _)| *name == "mail/_layout.html").unwrap();
    let dir = folder(&[("mail/_layout.html", &sheet.replace("#f2f4f7", "#ffeecc"))]);
    let rendered = rendered_in(dir.path(), "approval_request");
    assert!(html(&rendered).contains("#ffeecc") && parts(&rendered) == 3);
    assert!(Templates::load(Some(dir.path())).unwrap().text_only().is_empty());
}

#[test]
fn a_broken_html_template_is_told_with_file_and_line_and_falls_back_with_its_text() {
    let dir = folder(&[("mail/_lines.ja.html", "{% for line in lines %}\n{{ line.nothing.at_all }}\n{% endfor %}\n")]);
    let faults = Templates::load(Some(dir.path())).unwrap_err();
    let first = &faults[0];
    assert_eq!((first.file.as_deref(), first.line), (Some(dir.path().join("mail/_lines.ja.html").as_path()), Some(2)));
    let trap = "{% if to_name and to_name | length > 40 %}\n{{ to_name.surname }}\n{% endif %}\n<p>Hi</p>\n";
    let dir = folder(&[("mail/receipt.en.html", trap), ("mail/receipt.en.txt", "Hi\n")]);
    let templates = Templates::load(Some(dir.path())).unwrap();
    let letter = Letter { to_name: Some("a".repeat(50)), ..sample("receipt", Language::English) };
    let (rendered, fallback) = templates.render(&desk(), &letter, now()).unwrap();
    assert_eq!(rendered.bytes, render(&desk(), &letter).bytes, "text and HTML alike are the embedded ones");
    assert_eq!(fallback.unwrap().fault.file, Some(dir.path().join("mail/receipt.en.html")));
}

#[test]
fn no_template_can_take_the_escaping_from_a_stranger_s_words() {
    let text = ("mail/receipt.en.txt", "About {{ about }}");
    let dir = folder(&[("mail/receipt.en.html", "<p>{{ about | safe }}</p>"), text]);
    assert!(fault_of(dir.path()).what.contains("safe"));
    let open = "{% autoescape false %}<p>{{ about }} {{ about | wrap(2) }}</p>{% endautoescape %}";
    let dir = folder(&[("mail/receipt.en.html", open), text]);
    let templates = Templates::load(Some(dir.path())).unwrap();
    let letter = Letter {
        body: Body::Receipt(Receipt { about: "<a href=x>".to_owned() }),
        ..sample("receipt", Language::English)
    };
    let (rendered, _) = templates.render(&desk(), &letter, now()).unwrap();
    assert!(html(&rendered).contains("<p>&lt;a href=x&gt; &lt;a href=x&gt;</p>"), "{}", html(&rendered));
}
