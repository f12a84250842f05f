//! The engine of a desk: takes inputs in order, one at a time; each is one snapshot, one decision, one transaction.
//!
//! An attempt is committed before an input is worked, so that an input that kills the process ends after three starts.
//! Faults of the surroundings are given back and tried again; an input that cannot be handled is parked with its cause.

mod hearing;
mod snapshot;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::dkim;
use crate::domain::decide::decide;
use crate::domain::entropy::Entropy;
use crate::domain::event::OPERATOR_LOG;
use crate::domain::ids::MailId;
use crate::domain::input::Input;
use crate::domain::letter::Rendered;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Desk;
use crate::domain::task::{NewTask, TaskCause};
use crate::letters::{RenderError, Templates};
use crate::reading::authentication::Pin;
use crate::reading::{DeskSide, Reader};
use crate::store::{Cause, DeskId, InputId, Store, StoreError, WaitingInput};
use hearing::Heard;

/// How often an input is begun before it is parked unread (section 5).
const ATTEMPTS: u32 = 3;

/// So long without a crash, and an input that the counter parked is tried once more.
const QUIET: TimeDelta = TimeDelta::minutes(15);

/// Far more than any mail takes that a person wrote.
const READING_TIME: Duration = Duration::from_secs(120);

/// Works the inputs of one desk.
pub struct Engine {
    store: Store,
    desk_id: DeskId,
    equipment: Equipment,
    /// When inputs that the counter parked are looked for: after a while without a crash.
    look_again_at: Option<DateTime<Utc>>,
}

/// What an engine works with.
pub struct Equipment {
    pub desk: Arc<Desk>,
    /// Who the desk is when a mail is read.
    pub side: Arc<DeskSide>,
    /// The desk's own mail server, as rule T7 knows it.
    pub pin: Option<Pin>,
    /// Our own check of DKIM signatures, where the desk wants it.
    pub dkim: Option<Arc<dkim::Checker>>,
    pub reader: Reader,
    pub templates: Arc<Templates>,
    pub entropy: Box<dyn Entropy>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// No input waits.
    Idle,
    /// One input was worked.
    Worked { letters: usize, tasks: usize },
    /// One input was put aside, with the cause that was recorded.
    Parked { cause: String },
}

/// Why a step could not be done now. The input waits on; try again later.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The surroundings fail, or the store is broken.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A letter cannot be put into words, not even by the built-in template.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Why an input could not be worked.
enum Hindrance {
    /// Try again later: nothing is wrong with the input.
    Surroundings(EngineError),
    /// The input itself cannot be handled.
    Unworkable(String),
}

impl From<StoreError> for Hindrance {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt { .. } => Self::Unworkable(error.to_string()),
            other => Self::Surroundings(other.into()),
        }
    }
}

impl Engine {
    /// An engine over the inputs of the desk that the store knows by this id.
    pub const fn new(store: Store, desk_id: DeskId, equipment: Equipment) -> Self {
        Self { store, desk_id, equipment, look_again_at: None }
    }

    /// Works the oldest input that waits.
    ///
    /// # Errors
    /// [`EngineError`] where nothing could be done now; the input waits on, and its attempt is not counted.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Step, EngineError> {
        self.look_again(now).await?;
        let Some(input) = self.store.next_input(self.desk_id).await? else { return Ok(Step::Idle) };
        if input.attempts >= ATTEMPTS {
            let cause = format!("the program ended {} times while working it", input.attempts);
            return self.park(&input, &cause, true, now).await;
        }
        self.store.begin_attempt(input.id).await?;
        match self.work(&input, now).await {
            Ok(step) => Ok(step),
            Err(Hindrance::Unworkable(cause)) => self.park(&input, &cause, false, now).await,
            Err(Hindrance::Surroundings(error)) => {
                // If even this fails, the attempt stays counted; the next successful start works it all the same.
                let _ = self.store.forgive_attempt(input.id).await;
                Err(error)
            }
        }
    }

    /// Inputs that the counter parked are tried once more after a quarter of an hour without a crash.
    async fn look_again(&mut self, now: DateTime<Utc>) -> Result<(), EngineError> {
        match self.look_again_at {
            None => self.look_again_at = Some(now + QUIET),
            Some(at) if at <= now => {
                self.look_again_at = Some(now + QUIET);
                let inputs = self.store.unpark_crashed(self.desk_id).await?;
                if inputs > 0 {
                    tracing::info!(target: OPERATOR_LOG, desk = %self.equipment.desk.name, inputs, "inputs_tried_again");
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    async fn park(
        &self,
        input: &WaitingInput,
        cause: &str,
        crashed: bool,
        now: DateTime<Utc>,
    ) -> Result<Step, EngineError> {
        tracing::error!(target: OPERATOR_LOG, desk = %self.equipment.desk.name, input = %input.id, cause, "input_parked");
        let mail = match &input.cause {
            Cause::Mail(mail) => Some(*mail),
            Cause::Timer(_)
            | Cause::Delivery(_)
            | Cause::Register(_)
            | Cause::Operator(_)
            | Cause::Review(_)
            | Cause::Broken(_) => None,
        };
        let task = NewTask::new(TaskCause::ParkedMail, format!("An input could not be worked: {cause}.")).mail(mail);
        if crashed {
            self.store.park_crashed(input.id, cause, &task, now).await?;
        } else {
            self.store.park(input.id, cause, &task, now).await?;
        }
        Ok(Step::Parked { cause: cause.to_owned() })
    }

    async fn work(&mut self, input: &WaitingInput, now: DateTime<Utc>) -> Result<Step, Hindrance> {
        let heard = match &input.cause {
            Cause::Mail(mail) => Heard::Mail(Box::new(self.hear(*mail, now).await?)),
            Cause::Timer(timer) => Heard::Timer(timer.clone()),
            Cause::Delivery(delivery) => Heard::Delivery(delivery.clone()),
            Cause::Review(act) => Heard::Review(act.clone()),
            Cause::Operator(act) => Heard::Operator(act.clone()),
            Cause::Register(changed) => Heard::Register(changed.clone()),
            Cause::Broken(what) => return Err(Hindrance::Unworkable(what.clone())),
        };
        // A drawn reference that is taken rolls back; the next draw differs.
        loop {
            match self.decide(input.id, &heard, now).await {
                Err(Hindrance::Surroundings(EngineError::Store(StoreError::ReferenceTaken(_)))) => {}
                other => return other,
            }
        }
    }

    /// Reads a mail, before the transaction: reading and the DNS take the longest.
    async fn hear(&self, mail: MailId, now: DateTime<Utc>) -> Result<hearing::HeardMail, Hindrance> {
        let (mut heard, raw) = self.read(mail).await?;
        if let (Some(checker), Some(signed)) = (&self.equipment.dkim, heard.to_check(raw)) {
            heard.checked(checker.check(signed, Arc::clone(&self.equipment.side), now).await);
        }
        Ok(heard)
    }

    async fn read(&self, mail: MailId) -> Result<(hearing::HeardMail, Vec<u8>), Hindrance> {
        let stored =
            self.store.mail(mail).await?.ok_or_else(|| Hindrance::Unworkable(format!("mail {} is gone", mail.0)))?;
        let Equipment { reader, side, pin, .. } = &self.equipment;
        let (reader, side, pin) = (reader.clone(), Arc::clone(side), pin.clone());
        let read = tokio::task::spawn_blocking(move || hearing::hear(&reader, &side, pin.as_ref(), stored));
        // A mail that panics the reader, or keeps it for ever, ends only its own reading.
        let read = tokio::time::timeout(READING_TIME, read).await.map_err(|_| {
            Hindrance::Unworkable(format!("reading it took more than {} seconds", READING_TIME.as_secs()))
        })?;
        read.map_err(|error| {
            Hindrance::Unworkable(if error.is_panic() { "the reader panicked".to_owned() } else { error.to_string() })
        })
    }

    async fn decide(&mut self, id: InputId, heard: &Heard, now: DateTime<Utc>) -> Result<Step, Hindrance> {
        let mut deciding = self.store.begin(self.desk_id).await?;
        let Equipment { desk, reader, .. } = &self.equipment;
        let desk = Arc::clone(desk);
        let (snapshot, input) = snapshot::take(&mut deciding, &desk, reader, heard, now).await?;
        let outcome = decide(&snapshot, &input, self.equipment.entropy.as_mut());
        let rendered = self.render(&outcome, now)?;
        let written = deciding.write(id, &outcome, &rendered, now).await?;
        deciding.commit().await?;
        self.tell_log(&input, &outcome);
        Ok(Step::Worked { letters: written.letters.len(), tasks: written.tasks.len() })
    }

    fn render(&self, outcome: &Outcome, now: DateTime<Utc>) -> Result<Vec<Rendered>, Hindrance> {
        let mut rendered = Vec::with_capacity(outcome.letters.len());
        for letter in &outcome.letters {
            let (words, fallback) = self
                .equipment
                .templates
                .render(&self.equipment.desk, letter, now)
                .map_err(|error| Hindrance::Surroundings(error.into()))?;
            if let Some(fallback) = fallback {
                tracing::warn!(desk = %self.equipment.desk.name, letter = fallback.letter, fault = %fallback.fault, "own template failed; the built-in one was used");
            }
            rendered.push(words);
        }
        Ok(rendered)
    }

    /// One line an event, people masked.
    fn tell_log(&self, input: &Input, outcome: &Outcome) {
        let reference = outcome.request.as_ref().map(|request| request.reference.as_str());
        let desk = self.equipment.desk.name.as_str();
        if let (Input::Mail(mail), Some(disposition)) = (input, &outcome.disposition) {
            let from = mail.from.as_ref().map(crate::domain::address::EmailAddress::masked);
            tracing::info!(target: OPERATOR_LOG, desk, reference, mail = mail.mail.0, from, taken_as = disposition.taken_as, "mail_worked");
        }
        for event in &outcome.events {
            let person = event.person.as_ref().map(crate::domain::address::EmailAddress::masked);
            let item = event.item.map(|item| item.0);
            let letter = event.letter.map(|letter| letter.0);
            tracing::info!(target: OPERATOR_LOG, desk, reference, item, letter, person, "{}", event.kind);
        }
        for task in &outcome.tasks {
            tracing::info!(target: OPERATOR_LOG, desk, reference, cause = %task.cause, urgent = task.urgent, "task_opened");
        }
    }
}
