//! Inputs by hand and by chance: requests, answers with this or that token, clocks, deliveries, reviewers' acts.

use std::collections::BTreeMap;

use ringi::domain::heard::{AnswerReading, PersonReading, RequestReading};
use ringi::domain::ids::{MailId, Reference};
use ringi::domain::input::{Act, Carried, Delivery, DeliveryResult, Input, MailInput, ReviewAct, Seen, Whose};
use ringi::domain::timer::Timer;
use ringi::domain::trust::{Authentication, Carrier};
use ringi::domain::words::{AccessLevel, Class, Kind, Language, Verdict};

use crate::chance::Chance;
use crate::small_world::{
    APPROVER, DESK, DESK_NO_DOMAIN, ENDED, FIRST, NO_ADMINISTRATOR, ONE_ADMINISTRATOR, Posted, REVIEWER, SECOND,
    SmallWorld, TOO_NEW, TWO_ADMINISTRATORS, UNKNOWN, address,
};

const PEOPLE: &[&str] =
    &[FIRST, SECOND, APPROVER, "user@operator.example", "stranger@elsewhere.example", "other@haruka.example"];
const NUMBERS: &[&str] = &[
    TWO_ADMINISTRATORS,
    TWO_ADMINISTRATORS,
    ONE_ADMINISTRATOR,
    DESK,
    DESK,
    DESK_NO_DOMAIN,
    NO_ADMINISTRATOR,
    TOO_NEW,
    ENDED,
    UNKNOWN,
];

pub fn aligned() -> Authentication {
    Authentication::Aligned { by: "dkim".to_owned() }
}

pub fn not_aligned() -> Authentication {
    Authentication::NotAligned { cause: "no result".to_owned() }
}

/// A mail that says nothing yet.
pub fn mail(world: &SmallWorld, from: &str, authentication: Authentication) -> MailInput {
    MailInput {
        asks_again: false,
        mail: MailId(1),
        received_at: world.now,
        from: Some(address(from)),
        from_name: None,
        message_id: None,
        subject: "Re".to_owned(),
        language: Language::Japanese,
        class: Class::Inquiry,
        class_cause: None,
        unanswerable: false,
        headers_only: false,
        authentication,
        request: None,
        answer: None,
        visible_text: String::new(),
        carried: Vec::new(),
        returned: None,
    }
}

/// What a complete `third_party` request says.
pub fn asks_for(numbers: &[&str], requester: &str, approver: &str) -> RequestReading {
    let person = |email: &str, company: &str| PersonReading {
        email: Some(email.to_owned()),
        name: Some("名前".to_owned()),
        company: Some(company.to_owned()),
    };
    RequestReading {
        kind: Kind::ThirdParty,
        access_level: AccessLevel::Full,
        contract_numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        bill_to_ids: Vec::new(),
        serial_numbers: Vec::new(),
        requester: person(requester, "運用株式会社"),
        approver: person(approver, "はるか"),
        reason: Some("保守運用".to_owned()),
        missing: Vec::new(),
        several_people: false,
    }
}

/// A mail that asks for something.
pub fn request(world: &SmallWorld, from: &str, authentication: Authentication, reading: RequestReading) -> Input {
    let plain = mail(world, from, authentication);
    Input::Mail(Box::new(MailInput { class: Class::Request, request: Some(reading), ..plain }))
}

/// A mail that bears a token of that letter.
pub fn answer(
    world: &SmallWorld,
    letter: &Posted,
    from: &str,
    authentication: Authentication,
    verdict: Verdict,
) -> Input {
    let plain = mail(world, from, authentication);
    Input::Mail(Box::new(MailInput {
        class: Class::Answer,
        answer: Some(says(verdict)),
        carried: vec![carried(letter, Carrier::InReplyTo)],
        ..plain
    }))
}

fn says(verdict: Verdict) -> AnswerReading {
    AnswerReading {
        verdict,
        items: BTreeMap::new(),
        delegate_to: None,
        comment: None,
        speaks_of_deciding: verdict != Verdict::Unclear,
        evidence: Vec::new(),
    }
}

fn carried(letter: &Posted, carrier: Carrier) -> Carried {
    Carried {
        carrier,
        reference: letter.reference.clone(),
        whose: Whose::Approval(letter.approval),
        letter: letter.letter,
    }
}

/// A reviewer's act on a request as it is now.
pub fn review(world: &SmallWorld, of: &Reference, act: Act) -> ReviewAct {
    ReviewAct {
        reference: of.clone(),
        act,
        items: Vec::new(),
        seen: Seen::all(&world.requests[of]),
        reviewer: REVIEWER.to_owned(),
        comment: None,
        overrides: false,
    }
}

fn some_authentication(chance: &mut Chance) -> Authentication {
    match chance.below(10) {
        0..=6 => aligned(),
        7 | 8 => not_aligned(),
        _ => Authentication::DmarcFail,
    }
}

fn some_verdict(chance: &mut Chance) -> Verdict {
    match chance.below(12) {
        0..=6 => Verdict::Approve,
        7 => Verdict::Deny,
        8 => Verdict::Unclear,
        9 => Verdict::SendBack,
        10 => Verdict::Question,
        _ => Verdict::Mixed,
    }
}

fn some_request(world: &SmallWorld, chance: &mut Chance) -> Input {
    let numbers: Vec<&str> = (0..=chance.below(3)).map(|_| NUMBERS[chance.below(NUMBERS.len())]).collect();
    let person = |chance: &mut Chance| PEOPLE[chance.below(PEOPLE.len())];
    let from = person(chance);
    let requester = if chance.percent(70) { "user@operator.example" } else { person(chance) };
    let approver = if chance.percent(70) { APPROVER } else { person(chance) };
    let mut reading = asks_for(&numbers, requester, approver);
    if chance.percent(5) {
        reading.reason = None;
    }
    if chance.percent(10) {
        reading.approver.company = Some("別会社".to_owned());
    }
    let authentication = some_authentication(chance);
    request(world, from, authentication, reading)
}

fn some_answer(world: &SmallWorld, chance: &mut Chance, letter: &Posted) -> Input {
    let from = if chance.percent(75) { letter.to.as_str() } else { PEOPLE[chance.below(PEOPLE.len())] };
    let (authentication, verdict) = (some_authentication(chance), some_verdict(chance));
    let mut input = answer(world, letter, from, authentication, verdict);
    if let Input::Mail(mail) = &mut input {
        if chance.percent(10) {
            mail.class = Class::AutoReply;
        }
        if chance.percent(10)
            && let Some(second) = chance.pick(&world.posted)
        {
            mail.carried.push(carried(second, Carrier::References));
        }
        if chance.percent(5) {
            mail.request = Some(asks_for(&[UNKNOWN], "user@operator.example", APPROVER));
        }
    }
    input
}

fn some_timer(chance: &mut Chance, letter: &Posted) -> Timer {
    let (reference, approval) = (letter.reference.clone(), letter.approval);
    match chance.below(7) {
        0 => Timer::Remind { reference, approval, nth: 0 },
        1 => Timer::Remind { reference, approval, nth: 1 },
        2 | 3 => Timer::Escalate { reference, approval },
        4 => Timer::Expire { reference, approval },
        5 => Timer::ReviewDue { reference },
        _ => Timer::ReviewWarning { reference },
    }
}

fn some_review(world: &SmallWorld, chance: &mut Chance) -> Option<Input> {
    let references: Vec<&Reference> = world.requests.keys().collect();
    let act = match chance.below(10) {
        0..=7 => Act::Approve,
        8 => Act::Deny,
        _ => Act::Cancel,
    };
    let mut act = review(world, chance.pick(&references)?, act);
    let items = &world.requests.get(&act.reference)?.items;
    act.items = if chance.percent(50) { chance.pick(items).map(|item| item.no).into_iter().collect() } else { vec![] };
    act.overrides = chance.percent(25);
    if chance.percent(10) {
        act.reviewer = "nobody".to_owned();
    }
    Some(Input::Review(act))
}

/// Any input, and the request that it is about; changes what a mail without token may mean, and at times the register.
pub fn any(world: &mut SmallWorld, chance: &mut Chance) -> Option<(Input, Option<Reference>)> {
    world.hinted = None;
    if chance.percent(3) {
        // An administrator is taken out of the register: what was asked of that person does not count any more.
        world.contracts.get_mut(TWO_ADMINISTRATORS)?.administrators.pop();
    }
    let letter = chance.pick(&world.posted).cloned();
    let about = letter.as_ref().map(|letter| letter.reference.clone());
    match (chance.below(20), letter) {
        (0..=2, _) | (_, None) => Some((some_request(world, chance), None)),
        (3..=10, Some(letter)) => Some((some_answer(world, chance, &letter), about)),
        (11, Some(letter)) => {
            world.hinted = Some(letter.approval);
            let mut plain = mail(world, letter.to.as_str(), some_authentication(chance));
            plain.class = Class::Answer;
            Some((Input::Mail(Box::new(plain)), about))
        }
        (12 | 13, Some(letter)) => Some((Input::Timer(some_timer(chance, &letter)), about)),
        (14 | 15, Some(letter)) => {
            let accepted = chance.percent(80);
            let result = if accepted {
                DeliveryResult::Accepted
            } else {
                DeliveryResult::Rejected { reply: "550 5.1.1".to_owned() }
            };
            let delivery = Delivery { reference: about.clone(), letter: letter.letter, result, at: world.now };
            Some((Input::Delivery(delivery), about))
        }
        (16, Some(_)) => {
            let recheck = about.as_ref().and_then(|reference| {
                let item = chance.pick(&world.requests.get(reference)?.items)?.no;
                Some(Input::Timer(Timer::Recheck { reference: reference.clone(), item }))
            })?;
            Some((recheck, about))
        }
        (_, Some(_)) => {
            let input = some_review(world, chance)?;
            let Input::Review(act) = &input else { return None };
            let about = Some(act.reference.clone());
            Some((input, about))
        }
    }
}
