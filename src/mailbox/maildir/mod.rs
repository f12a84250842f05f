//! A mailbox that is a Maildir: for the demo, and for servers that deliver locally.

mod numbering;
mod shelf;

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::source::{Fetched, Folders, MoveResult, Opened, Source, Trouble, TroubleKind, Woken};
use crate::domain::outcome::Folder;
use shelf::Shelf;

/// Between two looks into the directories. Listing 10,000 names takes a few milliseconds.
const LOOK: Duration = Duration::from_millis(500);

/// Between two looks while mail is flowing.
const SHORT: Duration = Duration::from_millis(100);

/// Where a Maildir is and what to do in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaildirOptions {
    /// The directory that holds `new`, `cur` and `tmp`; made where it is missing.
    pub path: PathBuf,
    /// Kept as Maildir++ folders: `.Done`, `.Ringi.Done`.
    pub folders: Folders,
}

/// A mailbox that is a Maildir.
#[derive(Debug)]
pub struct MaildirSource {
    options: MaildirOptions,
    shelf: Option<Shelf>,
}

impl MaildirSource {
    /// Prepares a mailbox; nothing is read or made yet.
    pub fn new(options: MaildirOptions) -> Self {
        Self { options, shelf: None }
    }

    /// Does file work off the runtime's threads. The shelf is given back only by work that succeeded.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Shelf) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let mut shelf = self.shelf.take().ok_or_else(|| Trouble::new(TroubleKind::Lost, "the mailbox is not open"))?;
        let (shelf, done) = off_thread(move || work(&mut shelf).map(|done| (shelf, done))).await?;
        self.shelf = Some(shelf);
        Ok(done)
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Trouble::new(TroubleKind::Files, format!("reading the Maildir was cut short: {e}")))?
}

impl Source for MaildirSource {
    async fn open(&mut self) -> Result<Opened, Trouble> {
        self.shelf = None;
        let options = self.options.clone();
        let (shelf, opened) = off_thread(move || Shelf::open(&options)).await?;
        self.shelf = Some(shelf);
        Ok(opened)
    }

    async fn close(&mut self) {
        self.shelf = None;
    }

    async fn uids_after(&mut self, cursor: u32) -> Result<Vec<u32>, Trouble> {
        self.with(move |shelf| shelf.uids_after(cursor)).await
    }

    async fn fetch(&mut self, uids: &[u32]) -> Result<Fetched, Trouble> {
        let uids = uids.to_vec();
        self.with(move |shelf| shelf.fetch(&uids)).await
    }

    async fn wait(
        &mut self,
        short: bool,
        longest: Duration,
        interrupt: impl Future<Output = ()> + Send,
    ) -> Result<Woken, Trouble> {
        let end = Instant::now() + if short { SHORT } else { longest };
        let mut interrupt = std::pin::pin!(interrupt);
        loop {
            if self.with(|shelf| shelf.has_news()).await? {
                return Ok(Woken::NewMail);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Woken::Nothing);
            }
            tokio::select! {
                () = sleep(left.min(LOOK)) => {}
                () = interrupt.as_mut() => return Ok(Woken::Nothing),
            }
        }
    }

    async fn move_mail(
        &mut self,
        uid: u32,
        same: &(dyn Fn(&[u8]) -> bool + Sync),
        folder: Folder,
    ) -> Result<MoveResult, Trouble> {
        let Some(name) = self.options.folders.name(folder).map(str::to_owned) else {
            return Ok(MoveResult::Off);
        };
        match self.with(move |shelf| shelf.header(uid)).await? {
            None => Ok(MoveResult::Gone),
            Some(header) if !same(&header) => Ok(MoveResult::NotTheSame),
            Some(_) => self.with(move |shelf| shelf.move_mail(uid, &name)).await,
        }
    }
}
