//! Each bad config has one expected message that names line and remedy.

use std::path::Path;

use super::*;

/// A whole config without files around it.
const SOUND: &str = r#"[store]
path = "ringi.db"

[[desk]]
name = "support"
address = "desk@vendor.example"
signature = { ja = "サポート窓口", en = "Support desk" }
reviewers = [{ name = "ito", address = "ito@vendor.example" }]
hours = { zone = "Asia/Tokyo" }
trust = { authserv_id = "mx.vendor.example" }

[[desk.mailbox]]
name = "inbox"
kind = "imap"
server = { host = "imap.vendor.example", user = "desk", password_file = "secret" }

[desk.sending]
kind = "maildir"
path = "letters"
"#;

fn parse(text: &str) -> Result<Config, String> {
    parse_with(text, &[])
}

fn parse_with(text: &str, overrides: &[(&str, &str)]) -> Result<Config, String> {
    let overrides: Vec<_> = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Config::parse(Path::new("/etc/ringi/ringi.toml"), text, &overrides)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_sound_config_is_taken_with_its_paths_beside_the_file() {
    let config = parse(SOUND).unwrap();
    assert_eq!(config.database, Path::new("/etc/ringi/ringi.db"));
    let desk = config.desk(None).unwrap();
    assert_eq!(desk.alignment, Alignment::Required);
    assert_eq!(desk.backlog, Backlog::Human);
    let MailboxKind::Imap { server, idle, .. } = &desk.mailboxes[0].kind else { panic!("an IMAP mailbox") };
    assert_eq!((server.port, *idle), (993, true));
    let login = server.login.as_ref().unwrap();
    assert_eq!(login.password, SecretSource::File(PathBuf::from("/etc/ringi/secret")));
}

#[test]
fn each_bad_config_is_told_with_its_line_and_what_to_do() {
    let cases = [
        (
            "no key of ours",
            SOUND.replace("path = \"ringi.db\"", "path = \"ringi.db\"\npasword = \"x\""),
            "/etc/ringi/ringi.toml:3: there is no key `pasword` here; known are `path`. Mend the key, or compare with a fresh file from `ringi init DIR`.",
        ),
        (
            "an address that is none",
            SOUND.replace("\"desk@vendor.example\"", "\"desk\""),
            "/etc/ringi/ringi.toml:6: \"desk\" is no mail address. Write it as desk@vendor.example, without name and brackets.",
        ),
        (
            "a zone that is none",
            SOUND.replace("Asia/Tokyo", "JST"),
            "/etc/ringi/ringi.toml:9: \"JST\" is no time zone. Write one of the tz database, such as \"Asia/Tokyo\".",
        ),
        (
            "nobody to tell",
            SOUND.replace("[{ name = \"ito\", address = \"ito@vendor.example\" }]", "[]"),
            "/etc/ringi/ringi.toml:5: the desk has no reviewer. Add one to `reviewers`: somebody must be told what only a person can settle.",
        ),
        (
            "in the clear over the net",
            SOUND.replace("host = \"imap.vendor.example\",", "host = \"imap.vendor.example\", security = \"plain\","),
            "/etc/ringi/ringi.toml:15: imap.vendor.example would be spoken to in the clear. Write \"tls\" or \"starttls\"; \"plain\" is for 127.0.0.1, ::1 and localhost.",
        ),
        (
            "a user without a password",
            SOUND.replace(", password_file = \"secret\"", ""),
            "/etc/ringi/ringi.toml:15: `user` and its password do not go together. Give `user` and exactly one of `password_file`, `password_command`, `password_credential`.",
        ),
        (
            "a mailbox that is nowhere",
            SOUND.replace("kind = \"imap\"", "kind = \"maildir\""),
            "/etc/ringi/ringi.toml:14: a mailbox of kind maildir lacks where it is. Give `server` with kind = \"imap\", or `path` with kind = \"maildir\".",
        ),
        (
            "signed mail",
            SOUND.replace(
                "trust = { authserv_id = \"mx.vendor.example\" }",
                "trust = { alignment = \"signed\", authserv_id = \"mx.vendor.example\" }",
            ),
            "/etc/ringi/ringi.toml:10: \"signed\" is no alignment. Signed mail (S/MIME, PGP) is not checked yet, and nothing less may stand in for it. Write \"required\".",
        ),
        (
            "a pattern that takes in strangers",
            SOUND.replace("trust = { authserv_id = \"mx.vendor.example\" }", "trust = { authserv_id = \"*.co.jp\" }"),
            "/etc/ringi/ringi.toml:10: \"*.co.jp\" is no authserv-id. Copy the first word of the Authentication-Results header that your own mail server writes, or write *.vendor.example where each of its hosts has an id of its own.",
        ),
        (
            "profile misspelled",
            SOUND.replace("trust = { authserv_id = \"mx.vendor.example\" }", "trust = { profile = \"m365\" }"),
            "/etc/ringi/ringi.toml:10: \"m365\" is no profile. Write \"plain\", \"several\" or \"microsoft365\".",
        ),
        (
            "several fields below hops",
            SOUND.replace(
                "trust = { authserv_id = \"mx.vendor.example\" }",
                "trust = { authserv_id = \"mx.vendor.example\", profile = \"several\", hops = 1 }",
            ),
            "/etc/ringi/ringi.toml:10: profile = \"several\" does not go with hops. Take `hops` out. Where Received headers stand above your server's own findings, only profile = \"plain\" is safe.",
        ),
        (
            "several fields of nobody",
            SOUND.replace("trust = { authserv_id = \"mx.vendor.example\" }", "trust = { profile = \"several\" }"),
            "/etc/ringi/ringi.toml:10: profile = \"several\" needs an authserv_id. Set `authserv_id` to the id that all of those headers begin with, or to a pattern such as *.vendor.example.",
        ),
        (
            "an id where none is written",
            SOUND.replace(
                "trust = { authserv_id = \"mx.vendor.example\" }",
                "trust = { authserv_id = \"mx.vendor.example\", profile = \"microsoft365\" }",
            ),
            "/etc/ringi/ringi.toml:10: profile = \"microsoft365\" does not go with an authserv_id. Take `authserv_id` out: those servers write none.",
        ),
        (
            "dkim misspelled",
            SOUND.replace("trust = { authserv_id = \"mx.vendor.example\" }", "trust = { dkim = \"yes\" }"),
            "/etc/ringi/ringi.toml:10: \"yes\" is no way with DKIM signatures. Write \"check\" or \"off\".",
        ),
        (
            "a name server by name",
            SOUND.replace("trust = { authserv_id = \"mx.vendor.example\" }", "trust = { dns = \"ns.vendor.example\" }"),
            "/etc/ringi/ringi.toml:10: \"ns.vendor.example\" is no address of a name server. Write it as \"192.0.2.53\" or \"192.0.2.53:53\", or take `dns` out to ask this machine's.",
        ),
        (
            "alignment misspelled",
            SOUND.replace("trust = { ", "trust = { alignment = \"off\", "),
            "/etc/ringi/ringi.toml:10: \"off\" is no alignment. Write \"required\" or, where the desk's mail never leaves its own server, \"not_required\".",
        ),
        (
            "an own domain with its @",
            SOUND.replace("hours = ", "own_domains = [\"vendor.example\", \"@x\"]\nhours = "),
            "/etc/ringi/ringi.toml:9: \"@x\" is no mail domain. Write it as vendor.example, without @ and blanks.",
        ),
        (
            "two folders of one name",
            SOUND.replace("kind = \"imap\"", "kind = \"imap\"\nfolders = { human = \"Done\" }"),
            "/etc/ringi/ringi.toml:13: the folders [\"Done\", \"Done\", \"Parked\"] are not three different ones. Give `done`, `human` and `parked` a name each, or write move = false.",
        ),
        (
            "no pause between two looks",
            SOUND.replace("kind = \"imap\"", "kind = \"imap\"\npoll_seconds = 0"),
            "/etc/ringi/ringi.toml:15: poll_seconds is 0. Give at least 1.",
        ),
        (
            "no time to end in",
            SOUND.replace("[[desk]]", "[run]\ngrace_seconds = 0\n\n[[desk]]"),
            "/etc/ringi/ringi.toml:5: grace_seconds is 0. Give at least 1.",
        ),
        (
            "no desk",
            "[store]\npath = \"ringi.db\"\n".to_owned(),
            "/etc/ringi/ringi.toml: there is no desk. Add a [[desk]] with its address and a [[desk.mailbox]].",
        ),
    ];
    for (what, text, expected) in cases {
        assert_eq!(parse(&text).unwrap_err(), expected, "{what}");
    }
}

#[test]
fn the_environment_overrides_a_key_and_says_when_it_names_none() {
    let config =
        parse_with(SOUND, &[("RINGI_STORE__PATH", "/var/lib/ringi/x.db"), ("RINGI_DESK__0__LANGUAGE", "ja")]).unwrap();
    assert_eq!(config.database, Path::new("/var/lib/ringi/x.db"));
    assert_eq!(config.desks[0].language, Language::Japanese);
    assert_eq!(
        parse_with(SOUND, &[("RINGI_DESK__7__NAME", "x")]).unwrap_err(),
        "the environment variable RINGI_DESK__7__NAME names no place in the config. Write it as RINGI_SECTION__KEY; desks and mailboxes are counted from 0."
    );
}

#[test]
fn a_fault_that_an_override_brings_names_the_variable_and_one_of_the_file_keeps_its_line() {
    let overrides = [("RINGI_DESK__0__LANGUAGE", "fr")];
    assert_eq!(
        parse_with(SOUND, &overrides).unwrap_err(),
        "with RINGI_DESK__0__LANGUAGE of the environment: \"fr\" is no language. Write \"ja\" or \"en\"."
    );
    let both = parse_with(&SOUND.replace("Asia/Tokyo", "JST"), &overrides).unwrap_err();
    assert!(both.contains("/etc/ringi/ringi.toml:9: \"JST\" is no time zone."), "{both}");
    assert!(both.contains("with RINGI_DESK__0__LANGUAGE of the environment"), "{both}");
    assert_eq!(
        parse_with(SOUND, &[("RINGI_STORE__PTH", "x")]).unwrap_err(),
        "with RINGI_STORE__PTH of the environment: there is no key `pth` here; did you mean `path`? Mend the variable, or unset it."
    );
}

#[test]
fn an_empty_override_and_an_empty_path_are_faults() {
    let told = parse_with(SOUND, &[("RINGI_STORE__PATH", "")]).unwrap_err();
    assert_eq!(told, "the environment variable RINGI_STORE__PATH is empty. Give it a value, or unset it.");
    let told = parse(&SOUND.replace("path = \"ringi.db\"", "path = \"\"")).unwrap_err();
    assert_eq!(told, "/etc/ringi/ringi.toml:2: the database's path is empty. Name a file, such as \"ringi.db\".");
}

#[test]
fn a_config_in_another_encoding_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ringi.toml");
    std::fs::write(&file, b"[store]\n# \x83\x8a\x83\x93\npath = \"ringi.db\"\n").unwrap();
    let faults = Config::load(&file).unwrap_err();
    assert_eq!(faults[0].to_string(), format!("{}:2: the config is no UTF-8. Save it as UTF-8.", file.display()));
}

#[test]
fn the_example_that_init_writes_is_sound_and_shows_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["rules", "templates"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("ringi.toml");
    let plain = Config::parse(&file, EXAMPLE, &[]).unwrap();
    // Each commented-out key shows its default: with the marks taken off the config stays the same.
    let shown: String = EXAMPLE
        .lines()
        .filter(|line| !line.starts_with("#ca_file") && !line.starts_with("#certificate_sha256"))
        .filter(|line| !line.starts_with("#addresses") && !line.starts_with("#hello") && !line.starts_with("#dns"))
        .filter(|line| !line.starts_with("#direct_support_levels"))
        .map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let spelled_out = Config::parse(&file, &shown, &[]).unwrap();
    let without_policy = |config: &Config| {
        let mut config = config.clone();
        config.desks[0].policy = PolicyOverrides::default();
        format!("{config:?}")
    };
    assert_eq!(without_policy(&plain), without_policy(&spelled_out));
}

#[test]
fn each_way_of_trusting_a_server_can_be_written() {
    let trust = |with: &str| {
        let config =
            parse(&SOUND.replace("trust = { authserv_id = \"mx.vendor.example\" }", &format!("trust = {{ {with} }}")));
        let desk = config.unwrap().desks.remove(0);
        (desk.pin, desk.dkim)
    };
    let id = |text: &str| crate::reading::authentication::ServerId::parse(text).unwrap();
    use crate::reading::authentication::Profile;
    assert_eq!(trust(""), (None, Some(Dns::System)), "without a pin, our own check is all there is");
    let (pin, dkim) = trust("authserv_id = \"*.Vendor.example\", profile = \"several\", dkim = \"off\"");
    assert_eq!((pin.unwrap().profile, dkim), (Profile::Several(id("*.vendor.example")), None));
    let (pin, dkim) = trust("profile = \"microsoft365\", hops = 3, dns = \"192.0.2.53\"");
    assert_eq!(pin.unwrap(), Pin { profile: Profile::Microsoft365, hops: 3 });
    assert_eq!(dkim, Some(Dns::At("192.0.2.53:53".parse().unwrap())));
}
