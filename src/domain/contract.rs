//! Contracts of the register, and who may decide about them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::address::{EmailAddress, covers};
pub use super::administrator::{Administrator, Quorum, Seat, Speaker, Substitute};

/// A support contract as the register has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// ASCII, no separators.
    pub number: String,
    /// Name of the holder company.
    pub holder: String,
    pub aliases: Vec<String>,
    /// Mail domains of the holder, lower case.
    pub domains: Vec<String>,
    /// Addresses that speak for the holder whatever their domain.
    pub addresses: Vec<EmailAddress>,
    pub bill_to_id: Option<String>,
    pub service_level: Option<String>,
    /// An issue date without time is 00:00 of that day in the desk's zone.
    pub issued_at: Option<DateTime<Utc>>,
    /// A day in the desk's zone.
    pub starts_on: Option<NaiveDate>,
    /// A day in the desk's zone; the end day is still valid.
    pub ends_on: Option<NaiveDate>,
    pub serial_numbers: Vec<String>,
    pub administered_by: AdministeredBy,
    /// Who may decide: the contract's own, or those of its bill-to ID where `administered_by` says so.
    pub administrators: Vec<Administrator>,
    /// Who of them must agree: as the contract says, or its bill-to ID where that one administers. `None` is the policy.
    pub quorum: Option<Quorum>,
}

/// A bill-to ID: groups contracts bought by one partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BillTo {
    /// ASCII, no separators.
    pub id: String,
    /// Name of the partner.
    pub company: String,
    /// Who may decide about contracts that are administered by their bill-to ID.
    pub administrators: Vec<Administrator>,
    /// Who of them must agree; `None` is the policy.
    pub quorum: Option<Quorum>,
}

/// Who decides about a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdministeredBy {
    /// The desk itself.
    Desk,
    /// The administrators named for the contract.
    Administrators,
    /// The administrators of the contract's bill-to ID.
    BillTo,
}

impl AdministeredBy {
    /// As the import file spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Administrators => "administrators",
            Self::BillTo => "bill_to",
        }
    }

    /// Reads the import file's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "desk" => Some(Self::Desk),
            "administrators" => Some(Self::Administrators),
            "bill_to" => Some(Self::BillTo),
            _ => None,
        }
    }
}

/// Whether an address may speak for the holder of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entitlement {
    /// The domain is registered, or the address itself is.
    Entitled,
    NotEntitled,
    /// No domain is registered: a person must say.
    Unknown,
}

/// A contract number, bill-to ID or serial number in the one spelling by which two are compared: ASCII letters in upper
/// case and digits, without blanks and hyphens. `None` where anything else is in it, or nothing at all.
pub fn folded_number(text: &str) -> Option<String> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー');
    let folded: String = text.nfkc().filter(|c| !separator(*c)).map(|c| c.to_ascii_uppercase()).collect();
    (!folded.is_empty() && folded.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(folded)
}

impl Contract {
    /// Entitlement is a matter of mail domain: a company name alone never entitles.
    pub fn entitlement(&self, address: &EmailAddress) -> Entitlement {
        let domain = address.domain();
        if self.addresses.contains(address) || self.domains.iter().any(|registered| covers(registered, &domain)) {
            Entitlement::Entitled
        } else if self.domains.is_empty() {
            Entitlement::Unknown
        } else {
            Entitlement::NotEntitled
        }
    }

    /// The holder's name and every alias.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.holder.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The seats that decide about a grant to `requester` on that day of the desk's zone: one for each administrator, with
    /// everybody who may speak for it. The requester is nowhere among them, and the requester's own seat is none (rule V5).
    pub fn seats(&self, requester: Option<&EmailAddress>, today: NaiveDate) -> Vec<Seat<'_>> {
        let named: &[Administrator] = match self.administered_by {
            AdministeredBy::Desk => &[],
            AdministeredBy::Administrators | AdministeredBy::BillTo => &self.administrators,
        };
        named.iter().filter_map(|administrator| administrator.seat(requester, today)).collect()
    }

    /// Everybody who may decide about a grant to `requester` on that day, for whatever seat, each person once.
    pub fn deciders(&self, requester: Option<&EmailAddress>, today: NaiveDate) -> Vec<Speaker> {
        let mut people: Vec<Speaker> = Vec::new();
        for speaker in self.seats(requester, today).into_iter().flat_map(|seat| seat.people) {
            if !people.iter().any(|known| known.email == speaker.email) {
                people.push(speaker);
            }
        }
        people
    }

    /// Whether that person may decide about a grant to `requester` on that day.
    pub fn may_decide(&self, person: &EmailAddress, requester: Option<&EmailAddress>, today: NaiveDate) -> bool {
        self.deciders(requester, today).iter().any(|decider| decider.email == *person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, day).unwrap()
    }

    /// Three administrators; each of the first two may be stood in for by every other person, over days that differ.
    fn contract(administered_by: AdministeredBy) -> Contract {
        let substitute = |who: &str, from: Option<u32>, until: Option<u32>| Substitute {
            email: address(who),
            name: None,
            language: None,
            from: from.map(day),
            until: until.map(day),
        };
        let one = Administrator {
            substitutes: vec![
                substitute("two@haruka.example", Some(5), Some(7)),
                substitute("Helper@partner.example", Some(6), None),
                substitute("helper+holiday@partner.example", None, Some(6)),
            ],
            ..Administrator::new(address("one@haruka.example"))
        };
        let two = Administrator {
            substitutes: vec![substitute("one@haruka.example", None, None)],
            ..Administrator::new(address("two@haruka.example"))
        };
        Contract {
            number: "92168807".into(),
            holder: "株式会社はるか".into(),
            aliases: Vec::new(),
            domains: Vec::new(),
            addresses: Vec::new(),
            bill_to_id: None,
            service_level: None,
            issued_at: None,
            starts_on: None,
            ends_on: None,
            serial_numbers: Vec::new(),
            administered_by,
            administrators: vec![one, two, Administrator::new(address("three@haruka.example"))],
            quorum: None,
        }
    }

    fn people(contract: &Contract, requester: Option<&str>, today: u32) -> Vec<String> {
        let requester = requester.map(address);
        let deciders = contract.deciders(requester.as_ref(), day(today));
        deciders.into_iter().map(|speaker| speaker.email.key()).collect()
    }

    #[test]
    fn v5_no_requester_decides_and_the_requester_s_seat_is_gone_with_its_substitutes() {
        let contract = contract(AdministeredBy::Administrators);
        let everybody = [
            "one@haruka.example",
            "two@haruka.example",
            "three@haruka.example",
            "helper@partner.example",
            "x@y.example",
        ];
        for today in 1..=10 {
            for who in everybody {
                let requester = address(&who.to_uppercase().replace('@', "+x@"));
                let seats = contract.seats(Some(&requester), day(today));
                for seat in &seats {
                    assert!(!seat.seats(&requester), "{who} on day {today}");
                    assert_ne!(seat.administrator.email, requester);
                    assert!(seat.people.first().is_some_and(|first| first.email == seat.administrator.email));
                    let mut keys: Vec<_> = seat.people.iter().map(|speaker| speaker.email.key()).collect();
                    let count = keys.len();
                    keys.sort();
                    keys.dedup();
                    assert_eq!(keys.len(), count, "each person once in a seat");
                }
                let own = contract.administrators.iter().filter(|one| one.email == requester).count();
                assert_eq!(seats.len(), contract.administrators.len() - own);
                for decider in contract.deciders(Some(&requester), day(today)) {
                    assert!(seats.iter().any(|seat| seat.seats(&decider.email)), "whoever decides has a seat");
                }
            }
        }
        assert_eq!(people(&contract, Some("one@haruka.example"), 6), ["two@haruka.example", "three@haruka.example"]);
    }

    #[test]
    fn a_substitute_speaks_from_the_first_day_to_the_last_and_on_no_other() {
        let contract = contract(AdministeredBy::Administrators);
        let speaks = |who: &str, today| contract.seats(None, day(today))[0].seats(&address(who));
        let days = |who: &str| (1..=9).filter(|today| speaks(who, *today)).collect::<Vec<_>>();
        assert_eq!(days("two@haruka.example"), [5, 6, 7]);
        assert_eq!(days("helper@partner.example"), [1, 2, 3, 4, 5, 6, 7, 8, 9], "two entries of one person");
        assert_eq!(days("one@haruka.example").len(), 9);
        assert_eq!(days("three@haruka.example").len(), 0);
    }

    #[test]
    fn nobody_but_the_desk_decides_where_the_desk_administers() {
        assert_eq!(people(&contract(AdministeredBy::Desk), None, 6), Vec::<String>::new());
        assert_eq!(people(&contract(AdministeredBy::BillTo), None, 6).len(), 4);
        let (named, nobody) = (address("two@haruka.example"), address("x@y.example"));
        let contract = contract(AdministeredBy::BillTo);
        assert!(contract.may_decide(&named, None, day(1)) && !contract.may_decide(&nobody, None, day(1)));
        assert!(!contract.may_decide(&named, Some(&named), day(1)));
    }

    #[test]
    fn a_number_has_one_spelling() {
        for spelling in [
            "92168807",
            " ９２１６８８０７ ",
            "9216-8807",
            "9216 8807",
            "９２１６－８８０７",
            "9216‐8807",
            "9216ー8807",
        ] {
            assert_eq!(folded_number(spelling).as_deref(), Some("92168807"), "{spelling}");
        }
        assert_eq!(folded_number("sn-ab 12").as_deref(), Some("SNAB12"));
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_number_is_none() {
        for text in ["", " - ", "9.2168807E+07", "92168807.0", "契約92168807", "#N/A", "9216;8807"] {
            assert_eq!(folded_number(text), None, "{text}");
        }
    }
}
