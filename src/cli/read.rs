//! `ringi read FILE…`: what a mail says, without any state.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use serde::Serialize;

use super::{Context, Failure, output};
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::heard::{AnswerReading, Evidence, RequestReading};
use crate::domain::words::{Class, Language};
use crate::fault::Fault;
use crate::reading::{DeskSide, OpenedMail, Reader};
use crate::rules::Rules;

/// `ringi read FILE…`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Mails as files; `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read as a reply to an approval letter.
    #[arg(long = "as", value_enum, value_name = "KIND")]
    read_as: Option<ReadAs>,
    /// The contracts that the approval letter named, in its order.
    #[arg(long, value_delimiter = ',', value_name = "N,N", requires = "read_as")]
    asked: Vec<String>,
    /// The desk's own mail domain: its people are nobody in a request.
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    desk: Option<String>,
    /// One JSON object a mail.
    #[arg(long)]
    json: bool,
    /// Which rule found each value, and in which words.
    #[arg(long, conflicts_with = "json")]
    explain: bool,
}

fn domain(text: &str) -> Result<String, String> {
    let domain = text.trim_start_matches('@');
    let address = EmailAddress::parse(&format!("desk@{domain}"));
    address.map(|address| address.domain()).ok_or_else(|| "no mail domain; one looks like vendor.example".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReadAs {
    Answer,
}

/// The fixed shape of `--json`.
#[derive(Debug, Serialize)]
pub struct MailReading {
    pub file: String,
    pub message_id: Option<String>,
    pub language: Language,
    pub class: Class,
    pub request: Option<RequestReading>,
    pub answer: Option<AnswerReading>,
    pub subject: String,
    pub from: Option<String>,
    pub visible_text: String,
    pub evidence: Vec<Evidence>,
}

pub fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let config = match (&context.config, arguments.desk.is_some()) {
        (Some(_), _) => Some(context.config()?),
        (None, _) if crate::config::PLACES.iter().any(|place| Path::new(place).is_file()) => Some(context.config()?),
        (None, _) => None,
    };
    let rules = Rules::load(config.as_ref().and_then(|config| config.rules.as_deref()))?;
    let reader = Reader::new(Arc::new(rules));
    // Every file is opened before anything is printed: a wrong name changes nothing.
    let mut mails = Vec::new();
    for file in &arguments.files {
        mails.push((file, bytes_of(file)?));
    }
    for (file, bytes) in mails {
        let opened = reader.open(&bytes);
        let side = desk_side(arguments.desk.as_deref(), config.as_ref(), &opened);
        let asked = (arguments.read_as == Some(ReadAs::Answer)).then_some(arguments.asked.as_slice());
        let reading = read(&reader, &opened, &side, asked, file.display().to_string());
        if arguments.json {
            output::print_json(&reading)?;
        } else {
            for line in in_words(&reading, arguments.explain) {
                output::print(&line)?;
            }
        }
    }
    Ok(())
}

/// Reads one opened mail; `asked` is there where it is to be read as an answer.
pub fn read(
    reader: &Reader,
    opened: &OpenedMail,
    side: &DeskSide,
    asked: Option<&[String]>,
    file: String,
) -> MailReading {
    let plain = reader.plain(opened, side);
    let as_answer = match asked {
        Some(_) => !plain.class.is_noise() && plain.class != Class::Unreadable,
        None => plain.class == Class::Answer,
    };
    let answer = as_answer.then(|| reader.answer(opened, asked.unwrap_or_default()));
    let evidence = match &answer {
        Some(answer) => answer.evidence.clone(),
        None => plain.evidence,
    };
    MailReading {
        file,
        message_id: opened.message_id.clone(),
        language: plain.language,
        class: if as_answer { Class::Answer } else { plain.class },
        request: plain.request.filter(|_| !as_answer),
        answer,
        subject: opened.subject.clone(),
        from: opened.from.as_ref().map(|from| from.address.clone()),
        visible_text: opened.visible_text.clone(),
        evidence,
    }
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, Failure> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| {
        Fault::new(format!("the mail cannot be read: {error}"), "Name a file that holds one mail.").in_file(file).into()
    })
}

/// The desk's own side: what the command line says, else the config, else the address under which the mail arrived.
fn desk_side(named: Option<&str>, config: Option<&Config>, mail: &OpenedMail) -> DeskSide {
    if let Some(domain) = named {
        return DeskSide { addresses: Vec::new(), domains: vec![domain.to_owned()] };
    }
    if let Some(config) = config {
        let sides = config.desks.iter().map(crate::config::DeskConfig::side);
        return sides.fold(DeskSide::default(), |mut all, side| {
            all.addresses.extend(side.addresses);
            all.domains.extend(side.domains);
            all
        });
    }
    let sole_recipient = match (mail.to.as_slice(), mail.cc.as_slice()) {
        ([only], []) => Some(&only.address),
        _ => None,
    };
    let arrived = mail.delivered_to.first().or(sole_recipient).and_then(|text| EmailAddress::parse(text));
    match arrived {
        Some(address) => DeskSide { addresses: vec![address.key()], domains: vec![address.domain()] },
        None => DeskSide::default(),
    }
}

pub fn in_words(mail: &MailReading, explain: bool) -> Vec<String> {
    let mut lines = vec![format!("{}: {} ({})", mail.file, mail.class, mail.language)];
    let mut say = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("  {label:<18} {value}"));
        }
    };
    say("from", mail.from.clone());
    say("subject", Some(mail.subject.clone()));
    if let Some(reading) = &mail.request {
        let person = |person: &crate::domain::heard::PersonReading| {
            let parts = [&person.name, &person.company, &person.email];
            parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        };
        say("kind", Some(format!("{}, access {}", reading.kind, reading.access_level)));
        say("contract numbers", Some(reading.contract_numbers.join(", ")));
        say("bill-to IDs", Some(reading.bill_to_ids.join(", ")));
        say("serial numbers", Some(reading.serial_numbers.join(", ")));
        say("requester", Some(person(&reading.requester)));
        say("approver", Some(person(&reading.approver)));
        say("reason", reading.reason.clone());
        let missing: Vec<&str> = reading.missing.iter().map(|part| part.as_str()).collect();
        say("missing", Some(missing.join(", ")));
    }
    if let Some(reading) = &mail.answer {
        say("verdict", Some(reading.verdict.to_string()));
        let items = reading.items.iter().map(|(number, verdict)| format!("{number} {verdict}"));
        say("items", Some(items.collect::<Vec<_>>().join(", ")));
        say("delegate to", reading.delegate_to.clone());
        say("comment", reading.comment.clone());
    }
    if explain {
        for evidence in &mail.evidence {
            lines.push(format!("  {:<18} by {}: {}", evidence.field, evidence.rule, evidence.text));
        }
        lines.push("  newly written text:".to_owned());
        lines.extend(mail.visible_text.lines().map(|line| format!("    | {line}")));
    }
    lines
}
