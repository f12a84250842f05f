//! Rule T7 against those who know it.

use super::*;

const FROM: &str = "haruka.example";

fn pin() -> Pin {
    Pin { profile: Profile::Plain(ServerId::parse("mx.vendor.example").unwrap()), hops: 0 }
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
    assert!(!by("city.kawasaki.jp", "x.y.kawasaki.jp"), "a suffix with exceptions");
    assert!(!by("chiyoda.tokyo.jp", "haruka.chiyoda.tokyo.jp"), "a suffix of three labels");
    assert!(!by("github.io", "haruka.github.io"), "hosts of strangers");
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

/// The header as providers of each profile write it: fields from the top, `-` for a Received.
fn of_provider(profile: Profile, hops: usize, fields: &[&str]) -> Authentication {
    let trace: Vec<_> = fields.iter().map(|f| if *f == "-" { TraceField::Received } else { field(f) }).collect();
    judge(&trace, Some(&Pin { profile, hops }), FROM)
}

fn id(text: &str) -> ServerId {
    ServerId::parse(text).unwrap()
}

#[test]
fn t7_a_pattern_takes_the_ids_of_all_hosts_and_of_no_stranger() {
    let by = |server: &str| {
        let value = format!(
            "{server}; dkim=pass header.i=@haruka.example header.s=a; dmarc=pass(p=NONE,sp=NONE) header.from=haruka.example"
        );
        of_provider(Profile::Plain(id("*.mail.vendor.example")), 0, &[&value, "-"]).is_aligned()
    };
    assert!(by("atlas101.aol.mail.vendor.example") && by("mx4.mail.vendor.example") && by("MX4.Mail.Vendor.Example"));
    for stranger in
        ["mail.vendor.example", "xmail.vendor.example", "mail.vendor.example.attacker.example", "vendor.example"]
    {
        assert!(!by(stranger), "{stranger}");
    }
    for wide in [
        "*",
        "*.",
        "*.co.jp",
        "*.com",
        "*.*.example",
        "a.*.example",
        "mx vendor",
        "",
        "*.github.io",
        "*..vendor.example",
    ] {
        assert_eq!(ServerId::parse(wide), None, "{wide}");
    }
}

#[test]
fn t7_a_server_of_several_fields_is_believed_for_those_above_the_first_received_alone() {
    let several = |fields: &[&str]| of_provider(Profile::Several(id("*.vendor.example")), 0, fields);
    let (spf, dkim) = (
        "spf.vendor.example; spf=pass smtp.mailfrom=x.example",
        "dkim.vendor.example; dkim=pass header.d=other.example",
    );
    let dmarc = "dmarc.vendor.example; dmarc=pass header.from=haruka.example";
    for order in [[spf, dkim, dmarc], [dmarc, dkim, spf], [dkim, dmarc, spf]] {
        assert_eq!(several(&[order[0], order[1], order[2], "-"]), aligned_by("dmarc"));
    }
    assert!(!several(&[spf, dkim, "-", dmarc]).is_aligned(), "the sender's own words");
    assert!(!several(&["-", spf, dkim, dmarc]).is_aligned());
    assert!(!several(&["-", dmarc]).is_aligned());
    assert!(!several(&["-", spf, dkim, "-", dmarc]).is_aligned());
    assert!(!several(&[spf, dkim, dmarc]).is_aligned(), "nothing shows where the server's own end");
    assert!(!several(&[dmarc, "-", "dmarc.vendor.example; dmarc=none"]).is_aligned(), "a second one that differs");
    let fail = "dmarc.vendor.example; dmarc=fail header.from=haruka.example";
    assert_eq!(several(&[spf, dkim, fail, "-", dmarc]), Authentication::DmarcFail);
}

#[test]
fn t7_a_server_without_id_is_believed_at_its_place_alone() {
    let microsoft = |hops: usize, fields: &[&str]| of_provider(Profile::Microsoft365, hops, fields);
    let fine = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=haruka.example; dkim=pass (signature was verified) header.d=haruka.example;dmarc=pass action=none header.from=haruka.example;compauth=pass reason=100";
    let bad = "spf=none smtp.mailfrom=x.example; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=haruka.example;compauth=fail reason=001";
    assert_eq!(microsoft(2, &["-", "-", fine, "-"]), aligned_by("dmarc"));
    assert!(!microsoft(2, &["-", "-", bad, "-", fine]).is_aligned());
    assert!(!microsoft(2, &["-", "-", "-", fine]).is_aligned());
    assert!(!microsoft(2, &["-", "-", fine, "-", bad]).is_aligned(), "a second one that differs");
    assert_eq!(
        microsoft(0, &[&fine.replace("dmarc=pass action=none", "dmarc=fail action=quarantine")]),
        Authentication::DmarcFail
    );
    for nobodys in [
        "mx.attacker.example; spf=pass smtp.mailfrom=a; dmarc=pass header.from=haruka.example",
        "dmarc=pass action=none header.from=haruka.example",
        "spf; dmarc=pass header.from=haruka.example",
        "spf=pass; compauth=pass reason=100",
        "spf=pass; dmarc=bestguesspass action=none header.from=haruka.example",
        "spf=pass (; dmarc=pass header.from=haruka.example)",
    ] {
        assert!(!microsoft(0, &[nobodys]).is_aligned(), "{nobodys}");
    }
    // A desk pinned to an id does not take the word of those that write none.
    assert!(!judged(&[fine]).is_aligned());
}
