//! The embedded thread rules, and what no rule file can spoil.

use super::*;
use crate::rules;

#[test]
fn the_embedded_rules_read_their_own_cases() {
    let rules = rules::shared();
    let faults: Vec<String> =
        rules.thread.run_cases().into_iter().chain(rules.noise.run_cases(&rules)).map(|f| f.to_string()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn thread(text: &str) -> Thread {
    split(&rules::shared().thread, text, &Context::default())
}

#[test]
fn r1_quoted_words_are_never_newly_written() {
    for text in [
        "> approve",
        ">approve",
        "＞ approve",
        " > approve",
        ">> approve",
        "On Mon, Nov 23, 2026 at 10:00 AM, Desk <desk@vendor.example> wrote:\napprove",
        "-----Original Message-----\nFrom: x\napprove",
        "差出人: Desk <desk@vendor.example>\n送信日時: 2026年11月23日\n件名: x\n\napprove",
    ] {
        assert_eq!(thread(text).visible, "", "{text}");
        assert!(thread(text).quoted.contains("approve"), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_signature_is_text_when_nothing_else_is_left() {
    assert_eq!(thread("Kind regards,\nKei").visible, "Kind regards,\nKei");
    assert_eq!(thread("-- \nKei").visible, "");
}

#[test]
fn text_of_any_shape_ends() {
    for piece in [">", "On 1 wrote:\n", "-----\n", "From: x\n", "\n", "On 1 ", "契約番号:\n", "| \n", "-- \n", "Ref:"]
    {
        let _ = thread(&piece.repeat(30_000));
    }
}

#[test]
fn t10_a_reference_line_of_ours_is_nobody_s_writing_even_outside_of_a_quote() {
    let token = "abcdefghijklmnopqrstuvwx27";
    for line in
        [format!("Ref: RG-7K3M9Q {token}"), format!("Ref: RG-7K3M9Q\n{token}"), format!("ref: [rg-7k3m9q] {token}")]
    {
        let read = thread(&format!("差し戻します。\n\n{line}\n\n会社名が違います。\n"));
        assert_eq!(read.visible, "差し戻します。\n会社名が違います。", "{line}");
        assert!(read.quoted.contains(token));
    }
    let bare = thread("Ref: RG-7K3M9Q is wrong\n");
    assert_eq!(bare.visible, "Ref: RG-7K3M9Q is wrong");
}
