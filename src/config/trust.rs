//! `[desk.trust]`: whose word about a sender counts, and how much it must say.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;
use toml::Spanned;

use super::file::Checker;
use crate::dkim::Dns;
use crate::domain::policy::Alignment;
use crate::reading::authentication::{Pin, Profile, ServerId};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrust {
    alignment: Option<Spanned<String>>,
    authserv_id: Option<Spanned<String>>,
    profile: Option<Spanned<String>>,
    dkim: Option<Spanned<String>>,
    dns: Option<Spanned<String>>,
    #[serde(default)]
    hops: usize,
}

impl RawTrust {
    /// The policy, the pin, and where keys are looked up; the innermost `None` where nothing is checked.
    pub fn checked(&self, check: &mut Checker<'_>) -> (Option<Alignment>, Option<Pin>, Option<Option<Dns>>) {
        let (alignment, pin) = trust(check, self);
        (alignment, pin, dkim(check, self))
    }
}

fn trust(check: &mut Checker<'_>, raw: &RawTrust) -> (Option<Alignment>, Option<Pin>) {
    let alignment = match &raw.alignment {
        None => Some(Alignment::Required),
        Some(text) => check.parsed(
            text,
            |text| match text {
                "required" => Some(Alignment::Required),
                "not_required" => Some(Alignment::NotRequired),
                _ => None,
            },
            "alignment",
            if text.as_ref() == "signed" {
                "Signed mail (S/MIME, PGP) is not checked yet, and nothing less may stand in for it. Write \"required\"."
            } else {
                "Write \"required\" or, where the desk's mail never leaves its own server, \"not_required\"."
            },
        ),
    };
    let id = raw.authserv_id.as_ref().and_then(|id| {
        check.parsed(
            id,
            ServerId::parse,
            "authserv-id",
            "Copy the first word of the Authentication-Results header that your own mail server writes, or write *.vendor.example where each of its hosts has an id of its own.",
        )
    });
    let pin = profile(check, raw, id).map(|profile| Pin { profile, hops: raw.hops });
    (alignment, pin)
}

/// Where keys are looked up; the inner `None` where nothing is checked.
fn dkim(check: &mut Checker<'_>, raw: &RawTrust) -> Option<Option<Dns>> {
    let checks = match &raw.dkim {
        None => Some(true),
        Some(text) => check.parsed(
            text,
            |text| match text {
                "check" => Some(true),
                "off" => Some(false),
                _ => None,
            },
            "way with DKIM signatures",
            "Write \"check\" or \"off\".",
        ),
    };
    let dns = match &raw.dns {
        None => Some(Dns::System),
        Some(text) => check
            .parsed(
                text,
                |text| text.parse::<SocketAddr>().or_else(|_| text.parse().map(|ip: IpAddr| (ip, 53).into())).ok(),
                "address of a name server",
                "Write it as \"192.0.2.53\" or \"192.0.2.53:53\", or take `dns` out to ask this machine's.",
            )
            .map(Dns::At),
    };
    Some(checks?.then_some(dns?))
}

/// How the desk's server writes its findings down.
fn profile(check: &mut Checker<'_>, raw: &RawTrust, id: Option<ServerId>) -> Option<Profile> {
    let Some(name) = &raw.profile else { return id.map(Profile::Plain) };
    match (name.as_ref().as_str(), id) {
        ("plain", id) => id.map(Profile::Plain),
        ("several", Some(_)) if raw.hops > 0 => {
            check.fault(
                Some(name.span()),
                "profile = \"several\" does not go with hops",
                "Take `hops` out. Where Received headers stand above your server's own findings, only profile = \"plain\" is safe.",
            );
            None
        }
        ("several", Some(id)) => Some(Profile::Several(id)),
        ("microsoft365", None) if raw.authserv_id.is_none() => Some(Profile::Microsoft365),
        ("microsoft365", _) => {
            check.fault(
                Some(name.span()),
                "profile = \"microsoft365\" does not go with an authserv_id",
                "Take `authserv_id` out: those servers write none.",
            );
            None
        }
        ("several", None) if raw.authserv_id.is_none() => {
            check.fault(
                Some(name.span()),
                "profile = \"several\" needs an authserv_id",
                "Set `authserv_id` to the id that all of those headers begin with, or to a pattern such as *.vendor.example.",
            );
            None
        }
        // The id's own fault is told already.
        ("several", None) => None,
        (other, _) => {
            check.fault(
                Some(name.span()),
                format!("{other:?} is no profile"),
                "Write \"plain\", \"several\" or \"microsoft365\".",
            );
            None
        }
    }
}
