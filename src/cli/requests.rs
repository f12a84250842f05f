//! `ringi requests list|show|timeline`; the acts are in `review`.

use chrono_tz::Tz;
use serde::Serialize;

use super::review::{self, Cancellation, Decision};
use super::{Context, Failure, arguments, output};
use crate::domain::ids::Reference;
use crate::domain::input::Act;
use crate::domain::request::{Item, Person, Request};
use crate::domain::words::{AccessLevel, Kind, Language, Reason, Status};
use crate::fault::Fault;
use crate::store::{LetterFilter, RequestFilter, Store, TimelineEntry};

/// `ringi requests …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Requests, the latest first.
    List {
        /// Only requests with an item that is not settled.
        #[arg(long)]
        open: bool,
        /// Only requests with an item of this status.
        #[arg(long, value_parser = status)]
        status: Option<Status>,
        /// Only of this desk.
        #[arg(long, value_name = "NAME")]
        desk: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// One request: its items, whom it asks, its letters.
    Show {
        #[arg(value_name = "REF", value_parser = reference)]
        reference: Reference,
        #[arg(long)]
        json: bool,
    },
    /// A reviewer approves: each item gets the one clearance that it waits for, and runs on through its checks.
    ///
    /// Only items in pending_vendor_review; else exit code 2, naming who must answer. Waits 10 seconds for the outcome.
    Approve(Decision),
    /// A reviewer denies items that wait for one.
    Deny(Decision),
    /// Ends a request: every item that is not settled is cancelled, and its sender is told.
    Cancel(Cancellation),
    /// What happened to a request, entry by entry, each with its reason.
    Timeline {
        #[arg(value_name = "REF", value_parser = reference)]
        reference: Reference,
        #[arg(long)]
        json: bool,
    },
}

fn status(text: &str) -> Result<Status, String> {
    Status::parse(text).ok_or_else(|| {
        let all: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        format!("no such status; one of {}", all.join(", "))
    })
}

/// A reference as a person types it.
pub fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).ok_or_else(|| "no reference; one looks like RG-7K3M9Q".to_owned())
}

/// The fixed shape of `requests list --json`.
#[derive(Debug, Serialize)]
pub struct RequestJson<'a> {
    reference: &'a Reference,
    kind: Kind,
    received_at: String,
    language: Language,
    sender: &'a str,
    requester: &'a Person,
    approver: &'a Person,
    reason: Option<&'a str>,
    items: Vec<ItemJson<'a>>,
    access_level: AccessLevel,
    sender_verified: bool,
}

#[derive(Debug, Serialize)]
struct ItemJson<'a> {
    contract_number: Option<&'a str>,
    bill_to_id: Option<&'a str>,
    serial_number: Option<&'a str>,
    status: Status,
    reason: Option<Reason>,
    decided_by: Option<String>,
    awaiting: Option<crate::domain::words::Clearance>,
}

impl<'a> RequestJson<'a> {
    /// The request as programs see it, times in the desk's zone.
    pub fn of(request: &'a Request, zone: Tz) -> Self {
        Self {
            reference: &request.reference,
            kind: request.kind,
            received_at: output::rfc3339(request.received_at, zone),
            language: request.language,
            sender: request.sender.as_str(),
            requester: &request.requester,
            approver: &request.approver,
            reason: request.reason.as_deref(),
            items: request.items.iter().map(ItemJson::of).collect(),
            access_level: request.access_level,
            sender_verified: request.sender_verified,
        }
    }
}

impl<'a> ItemJson<'a> {
    fn of(item: &'a Item) -> Self {
        Self {
            contract_number: item.contract_number.as_deref(),
            bill_to_id: item.bill_to_id.as_deref(),
            serial_number: item.serial_number.as_deref(),
            status: item.standing.status(),
            reason: item.standing.reason(),
            decided_by: item.standing.decided_by().map(ToString::to_string),
            awaiting: item.standing.awaiting(),
        }
    }
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Approve(given) => review::decide(context, Act::Approve, given).await,
        Command::Deny(given) => review::decide(context, Act::Deny, given).await,
        Command::Cancel(given) => review::cancel(context, given).await,
        Command::List { open, status, desk, limit, json } => {
            let (config, store) = context.store().await?;
            let zone = config.desk(None)?.zone;
            let desk = output::desk_id(&config, &store, desk.as_deref()).await?;
            let filter = RequestFilter { desk, status, open };
            list(&store.requests(&filter, limit).await?, zone, json)
        }
        Command::Show { reference, json } => {
            let (store, zone) = shown(context).await?;
            show(&store, &reference, zone, json).await
        }
        Command::Timeline { reference, json } => {
            let (store, zone) = shown(context).await?;
            find(&store, &reference).await?;
            timeline(&store.timeline(&reference).await?, zone, json)
        }
    }
}

async fn shown(context: &Context) -> Result<(Store, Tz), Failure> {
    let (config, store) = context.store().await?;
    let zone = config.desk(None)?.zone;
    Ok((store, zone))
}

async fn find(store: &Store, reference: &Reference) -> Result<Request, Failure> {
    let request = store.request(reference).await?;
    request.ok_or_else(|| {
        Fault::new(format!("there is no request {reference}"), "`ringi requests list` shows those that are there.")
            .into()
    })
}

fn list(requests: &[Request], zone: Tz, json: bool) -> Result<(), Failure> {
    if json {
        return requests.iter().try_for_each(|request| output::print_json(&RequestJson::of(request, zone)));
    }
    let mut table = output::Table::new(&["REFERENCE", "RECEIVED", "KIND", "ITEM", "STATUS", "SENDER", "FOR"]);
    for request in requests {
        for item in &request.items {
            table.row(vec![
                request.reference.to_string(),
                output::local(request.received_at, zone),
                request.kind.to_string(),
                item.named_as().unwrap_or("-").to_owned(),
                standing(item),
                request.sender.to_string(),
                request.requester.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            ]);
        }
    }
    table.print("No requests.")
}

/// `denied / declined`
pub fn standing(item: &Item) -> String {
    let mut text = item.standing.status().to_string();
    if let Some(reason) = item.standing.reason() {
        text.push_str(&format!(" / {reason}"));
    }
    if let Some(clearance) = item.standing.awaiting() {
        text.push_str(&format!(" (awaiting {clearance})"));
    }
    text
}

#[derive(Debug, Serialize)]
struct ShownJson<'a> {
    #[serde(flatten)]
    request: RequestJson<'a>,
    approvals: Vec<ApprovalJson<'a>>,
    letters: Vec<super::outbox::LetterJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ApprovalJson<'a> {
    person: &'a str,
    state: crate::domain::approval::ApprovalState,
    asked_at: Option<String>,
    letters_asking: usize,
    votes: Vec<VoteJson<'a>>,
}

#[derive(Debug, Serialize)]
struct VoteJson<'a> {
    contract_number: Option<&'a str>,
    says: crate::domain::approval::Say,
    at: String,
}

async fn show(store: &Store, reference: &Reference, zone: Tz, json: bool) -> Result<(), Failure> {
    let request = find(store, reference).await?;
    let filter = LetterFilter { reference: Some(reference.clone()), ..LetterFilter::default() };
    let mut letters = store.letters(&filter, 1000).await?;
    letters.reverse();
    let approvals: Vec<ApprovalJson<'_>> = request
        .approvals
        .iter()
        .map(|approval| ApprovalJson {
            person: approval.person.as_str(),
            state: approval.state,
            asked_at: approval.asked_at.map(|at| output::rfc3339(at, zone)),
            letters_asking: approval.asks.len(),
            votes: request
                .items
                .iter()
                .flat_map(|item| item.votes.iter().map(move |vote| (item, vote)))
                .filter(|(_, vote)| vote.person == approval.person)
                .map(|(item, vote)| VoteJson {
                    contract_number: item.contract_number.as_deref(),
                    says: vote.says,
                    at: output::rfc3339(vote.at, zone),
                })
                .collect(),
        })
        .collect();
    if json {
        let letters = letters.iter().map(|letter| super::outbox::LetterJson::of(letter, zone)).collect();
        return output::print_json(&ShownJson { request: RequestJson::of(&request, zone), approvals, letters });
    }
    let said = |person: &Person| {
        let parts =
            [person.name.clone(), person.company.clone(), person.email.as_ref().map(|email| email.as_str().to_owned())];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
    };
    output::print(&format!("{}  {}, access {}", request.reference, request.kind, request.access_level))?;
    let verified = if request.sender_verified { "verified" } else { "not verified" };
    output::print(&format!("  received   {}", output::local(request.received_at, zone)))?;
    output::print(&format!("  sender     {} ({verified})", request.sender))?;
    output::print(&format!("  requester  {}", said(&request.requester)))?;
    output::print(&format!("  approver   {}", said(&request.approver)))?;
    output::print(&format!("  reason     {}", request.reason.as_deref().unwrap_or("-")))?;
    output::print("Items")?;
    for item in &request.items {
        let by = item.standing.decided_by().map(|by| format!(", decided by {by}")).unwrap_or_default();
        output::print(&format!("  {}  {}{by}", item.named_as().unwrap_or("(no number)"), standing(item)))?;
    }
    if !approvals.is_empty() {
        output::print("Asked")?;
    }
    for approval in &approvals {
        let at = approval.asked_at.as_deref().unwrap_or("not yet accepted by the mail server");
        output::print(&format!("  {}  {at}, {} vote(s)", approval.person, approval.votes.len()))?;
    }
    if !letters.is_empty() {
        output::print("Letters")?;
    }
    for letter in &letters {
        let when = output::local(letter.written_at, zone);
        output::print(&format!(
            "  {:>5}  {when}  {:<22} {:<9} {}",
            letter.id, letter.name, letter.state, letter.recipient
        ))?;
    }
    eprintln!("What happened and why: ringi requests timeline {reference}");
    Ok(())
}

#[derive(Debug, Serialize)]
struct EntryJson<'a> {
    seq: u64,
    at: String,
    kind: crate::domain::event::EventKind,
    item: Option<u32>,
    approval: Option<u32>,
    letter: Option<u32>,
    mail: Option<i64>,
    task: Option<i64>,
    person: Option<&'a str>,
    detail: Option<&'a str>,
}

fn timeline(entries: &[TimelineEntry], zone: Tz, json: bool) -> Result<(), Failure> {
    if json {
        return entries.iter().try_for_each(|entry| {
            output::print_json(&EntryJson {
                seq: entry.seq,
                at: output::rfc3339(entry.at, zone),
                kind: entry.kind,
                item: entry.item.map(|item| item.0),
                approval: entry.approval.map(|approval| approval.0),
                letter: entry.letter.map(|letter| letter.0),
                mail: entry.mail.map(|mail| mail.0),
                task: entry.task.map(|task| task.0),
                person: entry.person.as_ref().map(|person| person.as_str()),
                detail: entry.detail.as_deref(),
            })
        });
    }
    for entry in entries {
        let mut about = Vec::new();
        about.extend(entry.item.map(|item| format!("item {item}")));
        about.extend(entry.person.as_ref().map(ToString::to_string));
        about.extend(entry.letter.map(|letter| format!("letter {letter}")));
        about.extend(entry.mail.map(|mail| format!("mail {}", mail.0)));
        about.extend(entry.task.map(|task| format!("task {task}")));
        let about = if about.is_empty() { String::new() } else { format!(" [{}]", about.join(", ")) };
        let at = output::local(entry.at, zone);
        output::print(&format!("{at}  {:<19} {}{about}", entry.kind, entry.detail.as_deref().unwrap_or("(erased)")))?;
    }
    Ok(())
}
