//! Rule T7 against those who know it.

use super::*;

const FROM: &str = "haruka.example";

fn pin() -> Pin {
    Pin { authserv_id: "mx.vendor.example".to_owned(), hops: 0 }
}

fn field(value: &str) -> TraceField {
    TraceField::AuthenticationResults(value.to_owned())
}

fn judged(values: &[&str]) -> Authentication {
    judge(&values.iter().map(|v| field(v)).collect::<Vec<_>>(), Some(&pin()), FROM)
}

fn aligned_by(by: &str) -> Authentication {
    Authentication::Aligned { by: by.to_owned() }
}

#[test]
fn t7_dmarc_or_dkim_for_the_from_domain_aligns() {
    assert_eq!(judged(&["mx.vendor.example; dmarc=pass (p=none) header.from=Haruka.example"]), aligned_by("dmarc"));
    assert_eq!(judged(&["MX.Vendor.Example 1; dkim=pass header.d=haruka.example header.s=a"]), aligned_by("dkim"));
    assert_eq!(judged(&["\"mx.vendor.example\"; dkim=pass header.i=@haruka.example"]), aligned_by("dkim"));
    assert_eq!(
        judged(&["mx.vendor.example; dkim=fail header.d=haruka.example; dkim=pass header.d=haruka.example"]),
        aligned_by("dkim")
    );
}

#[test]
fn t7_without_a_pin_nothing_aligns() {
    let trace = [field("mx.vendor.example; dmarc=pass header.from=haruka.example")];
    assert_eq!(judge(&trace, None, FROM), not("no authserv-id is pinned"));
}

#[test]
fn t7_another_servers_word_is_nothing() {
    for value in [
        "mx.attacker.example; dmarc=pass header.from=haruka.example",
        "mx.vendor.example.attacker.example; dmarc=pass header.from=haruka.example",
        "x-mx.vendor.example; dmarc=pass header.from=haruka.example",
        "(mx.vendor.example) mx.attacker.example; dmarc=pass header.from=haruka.example",
        "mx.attacker.example (mx.vendor.example; dmarc=pass header.from=haruka.example)",
        "spf=pass smtp.mailfrom=mx.vendor.example; dmarc=pass header.from=haruka.example",
        "dmarc=pass header.from=haruka.example; mx.vendor.example",
        "",
    ] {
        assert!(!judged(&[value]).is_aligned(), "{value}");
    }
}

#[test]
fn t7_a_pass_that_is_no_result_is_nothing() {
    for value in [
        "mx.vendor.example; dmarc=none (dmarc=pass header.from=haruka.example) header.from=haruka.example",
        "mx.vendor.example; dmarc=none reason=\"dmarc=pass header.from=haruka.example\" header.from=haruka.example",
        "mx.vendor.example; dmarc=none reason=\"x; dmarc=pass header.from=haruka.example; y\"",
        "mx.vendor.example; spf=none smtp.mailfrom=\"a; dmarc=pass header.from=haruka.example\"@attacker.example",
        "mx.vendor.example; dkim=none header.d=dmarc=pass.attacker.example",
        "mx.vendor.example; dkim=pass header.d=haruka.example.attacker.example",
        "mx.vendor.example; dkim=pass header.d=attacker.example header.i=@haruka.example",
        "mx.vendor.example; dkim=pass header.d=attacker.example header.d=haruka.example",
        "mx.vendor.example; dkim=pass smtp.d=haruka.example",
        "mx.vendor.example; dkim=pass reason=haruka.example",
        "mx.vendor.example; dkim=pass",
        "mx.vendor.example; dmarc=pass",
        "mx.vendor.example; dmarc=pass header.from=attacker.example",
        "mx.vendor.example; dmarc=pass header.from=attacker.example header.from=haruka.example",
        "mx.vendor.example; x-dmarc=pass header.from=haruka.example",
        "mx.vendor.example; dmarc=bestguesspass header.from=haruka.example",
        "mx.vendor.example; dmarc=passed header.from=haruka.example",
        "mx.vendor.example; arc=pass header.from=haruka.example",
        "mx.vendor.example; dmarc pass header.from=haruka.example",
        "mx.vendor.example; (dmarc=pass header.from=haruka.example",
        "mx.vendor.example; spf=pass smtp.mailfrom=kei@haruka.example",
        "mx.vendor.example; none",
        "mx.vendor.example",
    ] {
        assert!(!judged(&[value]).is_aligned(), "{value}");
    }
}

#[test]
fn t7_only_the_topmost_field_with_the_id_counts() {
    let (fine, none) = ("mx.vendor.example; dmarc=pass header.from=haruka.example", "mx.vendor.example; dmarc=none");
    assert!(!judged(&[none, fine]).is_aligned());
    assert_eq!(judged(&["mx.other.example; dmarc=none", fine]), aligned_by("dmarc"), "another id above is passed over");
}

#[test]
fn t7_a_second_field_with_the_id_that_differs_spoils_the_first() {
    let fine = "mx.vendor.example; dmarc=pass header.from=haruka.example";
    assert!(!judged(&[fine, "mx.vendor.example; dmarc=fail header.from=haruka.example"]).is_aligned());
    assert!(!judged(&[fine, "mx.vendor.example; dkim=pass header.d=attacker.example"]).is_aligned());
    assert_eq!(judged(&[fine, fine]), aligned_by("dmarc"));
    assert_eq!(
        judged(&[fine, "mx.vendor.example; dkim=pass header.d=haruka.example"]),
        aligned_by("dmarc"),
        "OpenDKIM beside OpenDMARC"
    );
}

#[test]
fn t7_no_more_received_fields_than_hops_may_stand_above() {
    let ours = field("mx.vendor.example; dmarc=pass header.from=haruka.example");
    let below = [TraceField::Received, ours.clone()];
    assert!(!judge(&below, Some(&pin()), FROM).is_aligned());
    let one_hop = Pin { hops: 1, ..pin() };
    assert_eq!(judge(&below, Some(&one_hop), FROM), aligned_by("dmarc"));
    assert!(!judge(&[TraceField::Received, TraceField::Received, ours], Some(&one_hop), FROM).is_aligned());
}

#[test]
fn h3_dmarc_fail_by_the_pinned_server_is_told_apart() {
    let fail = "mx.vendor.example; dkim=pass header.d=attacker.example; dmarc=fail header.from=haruka.example";
    assert_eq!(judged(&[fail]), Authentication::DmarcFail);
    assert_eq!(judged(&["mx.vendor.example; dmarc=fail"]), Authentication::DmarcFail);
    assert_eq!(judged(&[fail, "mx.vendor.example; dmarc=pass header.from=haruka.example"]), Authentication::DmarcFail);
    assert!(matches!(
        judged(&["mx.attacker.example; dmarc=fail header.from=haruka.example"]),
        Authentication::NotAligned { .. }
    ));
    assert!(matches!(
        judged(&["mx.vendor.example; dmarc=fail header.from=other.example"]),
        Authentication::NotAligned { .. }
    ));
}

#[test]
fn t7_a_parent_domain_aligns_only_where_it_is_no_registrys() {
    let by = |signer: &str, from: &str| {
        judge(&[field(&format!("mx.vendor.example; dkim=pass header.d={signer}"))], Some(&pin()), from).is_aligned()
    };
    assert!(by("haruka.example", "mail.haruka.example"));
    assert!(by("haruka.co.jp", "mail.haruka.co.jp"));
    assert!(by("haruka.jp", "mail.haruka.jp"));
    assert!(!by("co.jp", "haruka.co.jp"));
    assert!(!by("com.au", "haruka.com.au"));
    assert!(!by("jp", "haruka.jp"));
    assert!(!by("jp", "jp"));
    assert!(!by("ruka.example", "haruka.example"), "no label boundary");
    assert!(!by("mail.haruka.example", "haruka.example"), "a child signs for itself");
    assert!(!by("", "haruka.example"));
    assert!(!by(".example", "haruka.example"));
}

#[test]
fn t7_a_mail_without_sender_is_never_aligned() {
    let trace = [field("mx.vendor.example; dmarc=pass header.from=")];
    assert!(!judge(&trace, Some(&pin()), "").is_aligned());
}
