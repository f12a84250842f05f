//! Moving a worked mail out of the inbox: the right mail, and nothing else.

use super::session::{Link, Tagged, quoted};
use crate::mailbox::source::{MoveResult, Trouble};

/// More than any Message-ID field has.
const MESSAGE_ID_FIELD: usize = 4096;

impl Link {
    /// As [`crate::mailbox::Source::move_mail`], `folder` in UTF-8.
    pub(super) async fn move_mail(
        &mut self,
        uid: u32,
        same: &(dyn Fn(&[u8]) -> bool + Sync),
        folder: &str,
    ) -> Result<MoveResult, Trouble> {
        if self.read_only {
            return Ok(MoveResult::Refused("the inbox is read-only".to_owned()));
        }
        let Some(header) = self.piece(uid, "HEADER.FIELDS (MESSAGE-ID)", 0, MESSAGE_ID_FIELD).await? else {
            return Ok(if self.still_listed(&[uid]).await?.is_empty() {
                MoveResult::Gone
            } else {
                MoveResult::Refused("the server lists the mail and does not give its header".to_owned())
            });
        };
        if !same(&header.bytes) {
            return Ok(MoveResult::NotTheSame);
        }
        let into = quoted(&self.on_server(folder));
        if self.can_move {
            self.put_into("UID MOVE", &format!("UID MOVE {uid} {into}"), folder).await.map(ended)
        } else if self.can_uid_expunge {
            self.copy_and_expunge(uid, &into, folder).await
        } else {
            // Plain EXPUNGE would also remove what a person has marked as deleted.
            Ok(MoveResult::Refused("the server has neither MOVE nor UIDPLUS".to_owned()))
        }
    }

    async fn copy_and_expunge(&mut self, uid: u32, into: &str, folder: &str) -> Result<MoveResult, Trouble> {
        let copied = self.put_into("UID COPY", &format!("UID COPY {uid} {into}"), folder).await?;
        if copied != Tagged::Ok {
            return Ok(ended(copied));
        }
        let marked = self.command("UID STORE", &format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?;
        if marked != Tagged::Ok {
            return Ok(ended(marked));
        }
        self.command("UID EXPUNGE", &format!("UID EXPUNGE {uid}"), |_| {}).await.map(ended)
    }

    /// A command that puts a mail into a folder; a folder that somebody deleted is made again, once.
    async fn put_into(&mut self, what: &'static str, line: &str, folder: &str) -> Result<Tagged, Trouble> {
        let first = self.command(what, line, |_| {}).await?;
        let Tagged::Refused { try_create: true, .. } = first else { return Ok(first) };
        match self.make_folder(folder).await? {
            None => self.command(what, line, |_| {}).await,
            Some(_) => Ok(first),
        }
    }
}

fn ended(tagged: Tagged) -> MoveResult {
    match tagged {
        Tagged::Ok => MoveResult::Moved,
        Tagged::Refused { words, .. } => MoveResult::Refused(words),
    }
}
