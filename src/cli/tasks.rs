//! `ringi tasks list|show|close`: what only a person of the desk can settle.

use chrono::Utc;
use serde::Serialize;

use super::output::Desks;
use super::{Context, Failure, arguments, output};
use crate::domain::address::EmailAddress;
use crate::domain::ids::Reference;
use crate::domain::task::TaskCause;
use crate::fault::Fault;
use crate::store::{Closing, TaskId, TaskRow};

/// `ringi tasks …`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Open tasks, the oldest first: number, cause, request, mail and what it is about.
    List {
        /// Closed ones as well.
        #[arg(long)]
        all: bool,
        /// Only of this desk.
        #[arg(long, value_name = "NAME")]
        desk: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 200, value_parser = arguments::count)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// One task, and what to look at next.
    Show {
        #[arg(value_name = "N", value_parser = arguments::row)]
        task: i64,
        #[arg(long)]
        json: bool,
    },
    /// The task is done. Prints that it is closed; the comment goes into the timeline.
    ///
    /// Exit codes: 0 closed, 2 where it is closed already, there is none, or NAME is no reviewer of its desk.
    Close {
        #[arg(value_name = "N", value_parser = arguments::row)]
        task: i64,
        /// The reviewer who closes it, as the config names reviewers.
        #[arg(long = "as", value_name = "NAME")]
        name: String,
        /// What was done.
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
    },
}

/// A task as programs see it.
#[derive(Debug, Serialize)]
struct TaskJson<'a> {
    id: i64,
    desk: Option<&'a str>,
    cause: TaskCause,
    urgent: bool,
    reference: Option<&'a Reference>,
    item: Option<u32>,
    mail: Option<i64>,
    from: Option<&'a str>,
    subject: Option<&'a str>,
    detail: &'a str,
    opened_at: String,
    told_at: Option<String>,
    closed_at: Option<String>,
    closed_by: Option<&'a str>,
    comment: Option<&'a str>,
}

impl<'a> TaskJson<'a> {
    fn of(task: &'a TaskRow, desks: &'a Desks) -> Self {
        let zone = desks.zone(task.desk);
        Self {
            id: task.id.0,
            desk: desks.name(task.desk),
            cause: task.cause,
            urgent: task.urgent,
            reference: task.reference.as_ref(),
            item: task.item.map(|item| item.0),
            mail: task.mail.map(|mail| mail.0),
            from: task.from.as_ref().map(EmailAddress::as_str),
            subject: task.subject.as_deref(),
            detail: &task.detail,
            opened_at: output::rfc3339(task.opened_at, zone),
            told_at: task.told_at.map(|at| output::rfc3339(at, zone)),
            closed_at: task.closed.as_ref().map(|closed| output::rfc3339(closed.at, zone)),
            closed_by: task.closed.as_ref().map(|closed| closed.by.as_str()),
            comment: task.closed.as_ref().and_then(|closed| closed.comment.as_deref()),
        }
    }
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let (config, store) = match &command {
        Command::List { .. } | Command::Show { .. } => context.store().await?,
        Command::Close { .. } => context.writable_store().await?,
    };
    let desks = Desks::of(&config, &store).await?;
    let nothing = |task: i64| {
        Failure::from(Fault::new(format!("there is no task {task}"), "`ringi tasks list` shows those that are open."))
    };
    match command {
        Command::List { all, desk, limit, json } => {
            let desk = output::desk_id(&config, &store, desk.as_deref()).await?;
            list(&store.tasks(desk, !all, limit).await?, &desks, json)
        }
        Command::Show { task, json } => {
            let task = store.task(TaskId(task)).await?.ok_or_else(|| nothing(task))?;
            show(&task, &desks, json)
        }
        Command::Close { task, name, comment } => {
            // A reviewer of another desk has no say here.
            let of = store.task(TaskId(task)).await?.ok_or_else(|| nothing(task))?.desk;
            let desk = desks.name(of).map(|name| config.desk(Some(name))).transpose()?;
            let people = config.desks.iter().filter(|one| desk.is_none_or(|desk| desk.name == one.name));
            let reviewers: Vec<&str> = people.flat_map(|desk| &desk.reviewers).map(|one| one.name.as_str()).collect();
            if !reviewers.contains(&name.as_str()) {
                let remedy = format!("Name one of: {}.", reviewers.join(", "));
                return Err(Fault::new(format!("{name:?} is no reviewer of the config"), remedy).into());
            }
            match store.close_task(TaskId(task), &name, comment.as_deref(), Utc::now()).await? {
                Closing::Closed => {
                    eprintln!("Task {task} is closed.");
                    Ok(())
                }
                Closing::AlreadyClosed => Err(Fault::new(
                    format!("the task {task} is closed already"),
                    format!("`ringi tasks show {task}` says by whom."),
                )
                .into()),
                Closing::NoSuchTask => Err(nothing(task)),
            }
        }
    }
}

fn list(tasks: &[TaskRow], desks: &Desks, json: bool) -> Result<(), Failure> {
    if json {
        return tasks.iter().try_for_each(|task| output::print_json(&TaskJson::of(task, desks)));
    }
    let mut table = output::Table::new(&["N", "OPENED", "", "CAUSE", "REFERENCE", "MAIL", "FROM", "SUBJECT", "WHAT"]);
    for task in tasks {
        table.row(vec![
            task.id.to_string(),
            output::local(task.opened_at, desks.zone(task.desk)),
            if task.closed.is_some() {
                "closed".to_owned()
            } else if task.urgent {
                "urgent".to_owned()
            } else {
                String::new()
            },
            task.cause.to_string(),
            task.reference.as_ref().map(ToString::to_string).unwrap_or_default(),
            task.mail.map(|mail| mail.0.to_string()).unwrap_or_default(),
            output::cut(task.from.as_ref().map_or("", EmailAddress::as_str), output::FROM_COLUMNS),
            output::cut(task.subject.as_deref().unwrap_or_default(), output::SUBJECT_COLUMNS),
            task.detail.clone(),
        ]);
    }
    table.print("No open tasks.")
}

fn show(task: &TaskRow, desks: &Desks, json: bool) -> Result<(), Failure> {
    let zone = desks.zone(task.desk);
    if json {
        return output::print_json(&TaskJson::of(task, desks));
    }
    let urgent = if task.urgent { ", urgent" } else { "" };
    output::print(&format!("Task {}: {}{urgent}", task.id, task.cause))?;
    output::print(&format!("  opened  {}", output::local(task.opened_at, zone)))?;
    output::print(&format!("  what    {}", task.detail))?;
    if let Some(subject) = &task.subject {
        let from = task.from.as_ref().map_or("(nobody)", EmailAddress::as_str);
        output::print(&format!("  mail    from {from}: \"{subject}\""))?;
    }
    if let Some(closed) = &task.closed {
        let comment = closed.comment.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        output::print(&format!("  closed  {} by {}{comment}", output::local(closed.at, zone), closed.by))?;
    }
    if let Some(reference) = &task.reference {
        output::print(&format!("  look at ringi requests timeline {reference}"))?;
    }
    if let Some(mail) = task.mail {
        output::print(&format!("  look at ringi mail show {}", mail.0))?;
    }
    Ok(())
}
