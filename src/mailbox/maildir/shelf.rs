//! The files of a Maildir: listed, read and moved.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use maildir::Maildir;

use super::MaildirOptions;
use super::numbering::Numbering;
use crate::mailbox::source::{Fetched, MoveResult, Opened, Raw, Trouble, TroubleKind};
use crate::mailbox::{HEADER_LIMIT, WHOLE_MAIL_LIMIT, header_of, utf7};

/// What a batch holds at most.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;

/// A Maildir that stands open.
#[derive(Debug)]
pub(super) struct Shelf {
    maildir: Maildir,
    numbering: Numbering,
}

/// Base name (without the `:2,…` of its flags) and where the file is now.
type Listing = BTreeMap<String, PathBuf>;

impl Shelf {
    /// Makes what is missing, and reads the numbering.
    pub(super) fn open(options: &MaildirOptions) -> Result<(Self, Opened), Trouble> {
        let path = options.path.as_path();
        let maildir = Maildir::from(path.to_path_buf());
        maildir.create_dirs().map_err(|e| files(path, &e))?;
        let mut notes = Vec::new();
        for name in options.folders.names() {
            if let Err(why) = make_folder(&maildir, name) {
                notes.push(format!("The folder \"{name}\" could not be made: {why}."));
            }
        }
        // The creation time as UIDVALIDITY is no clock of the process: nothing is decided by it.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |age| age.as_secs());
        let numbering = Numbering::load(path, u32::try_from(now).unwrap_or(u32::MAX)).map_err(|e| files(path, &e))?;
        let mut shelf = Self { maildir, numbering };
        // Twice, because a file that another program renames meanwhile can be missed by one listing.
        let (mut there, odd) = shelf.list()?;
        there.extend(shelf.list()?.0);
        notes.extend(odd.iter().map(|name| format!("The file {name} is left alone: its name is no Maildir name.")));
        shelf.numbering.prune(|name| there.contains_key(name)).map_err(|e| files(path, &e))?;
        shelf.number(&there)?;
        let opened = Opened { uid_validity: shelf.numbering.uid_validity, uid_next: shelf.numbering.uid_next, notes };
        Ok((shelf, opened))
    }

    /// As [`crate::mailbox::Source::uids_after`].
    pub(super) fn uids_after(&mut self, cursor: u32) -> Result<Vec<u32>, Trouble> {
        let (there, _) = self.list()?;
        self.number(&there)?;
        Ok(self.numbering.after(cursor).filter(|(_, name)| there.contains_key(*name)).map(|(uid, _)| uid).collect())
    }

    /// Is there a file that has no UID yet?
    pub(super) fn has_news(&mut self) -> Result<bool, Trouble> {
        let (there, _) = self.list()?;
        Ok(there.keys().any(|name| !self.numbering.knows(name)))
    }

    /// As [`crate::mailbox::Source::fetch`].
    pub(super) fn fetch(&mut self, uids: &[u32]) -> Result<Fetched, Trouble> {
        let (there, _) = self.list()?;
        let mut fetched = Fetched::default();
        let mut total = 0;
        for (at, uid) in uids.iter().enumerate() {
            if total >= BATCH_BYTES {
                fetched.left = uids.get(at..).unwrap_or_default().to_vec();
                break;
            }
            match self.read(*uid, &there)? {
                Found::Mail(mail) => {
                    total += mail.bytes.len() as u64;
                    fetched.mails.push(mail);
                }
                Found::Nothing => fetched.absent.push(*uid),
                Found::Unreadable => fetched.withheld.push(*uid),
            }
        }
        Ok(fetched)
    }

    /// The header of a mail; `None` where the mail is gone.
    pub(super) fn header(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(path) = self.path_of(uid, None)? else { return Ok(None) };
        match read_at_most(&path, HEADER_LIMIT) {
            Ok(bytes) => Ok(Some(header_of(&bytes).to_vec())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(files(&path, &e)),
        }
    }

    /// Moves a file into a folder, flags and all.
    pub(super) fn move_mail(&mut self, uid: u32, folder: &str) -> Result<MoveResult, Trouble> {
        let Some(from) = self.path_of(uid, None)? else { return Ok(MoveResult::Gone) };
        let folder = match make_folder(&self.maildir, folder) {
            Ok(folder) => folder,
            Err(why) => return Ok(MoveResult::Refused(why)),
        };
        let name = from.file_name().unwrap_or_default();
        let shelf = from.parent().and_then(Path::file_name).unwrap_or_default();
        let to = folder.path().join(shelf).join(name);
        // Maildir names are unique; a file that has this one already is another program's work and is not written over.
        if to.try_exists().map_err(|e| files(&to, &e))? {
            return Ok(MoveResult::Refused("the folder holds a file of this name".to_owned()));
        }
        match fs::rename(&from, &to) {
            Ok(()) => Ok(MoveResult::Moved),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(MoveResult::Gone),
            Err(e) => Ok(MoveResult::Refused(e.to_string())),
        }
    }

    /// Numbers what has no UID yet, oldest first.
    fn number(&mut self, there: &Listing) -> Result<(), Trouble> {
        let mut fresh: Vec<(SystemTime, &String)> = there
            .iter()
            .filter(|(name, _)| !self.numbering.knows(name))
            .map(|(name, path)| (fs::metadata(path).and_then(|data| data.modified()).unwrap_or(UNIX_EPOCH), name))
            .collect();
        fresh.sort();
        let names: Vec<String> = fresh.into_iter().map(|(_, name)| name.clone()).collect();
        self.numbering.give(&names).map_err(|e| files(self.maildir.path(), &e))
    }

    /// What lies in `new` and `cur`, and the names that cannot be used. `new` first: mails go from there to `cur`.
    fn list(&self) -> Result<(Listing, Vec<String>), Trouble> {
        let (mut there, mut odd) = (Listing::new(), Vec::new());
        for sub in ["new", "cur"] {
            let dir = self.maildir.path().join(sub);
            for entry in fs::read_dir(&dir).map_err(|e| files(&dir, &e))? {
                let entry = entry.map_err(|e| files(&dir, &e))?;
                let name = entry.file_name();
                let shown = name.to_string_lossy();
                let base = shown.split_once(':').map_or(&*shown, |(base, _)| base);
                if base.starts_with('.') || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                if name.to_str().is_some() && Numbering::can_hold(base) {
                    there.insert(base.to_owned(), entry.path());
                } else {
                    odd.push(shown.escape_debug().to_string());
                }
            }
        }
        Ok((there, odd))
    }

    /// Where the mail lies: as listed, else in a fresh listing, for other programs rename files as they set flags.
    fn path_of(&self, uid: u32, listed: Option<&Listing>) -> Result<Option<PathBuf>, Trouble> {
        let Some(name) = self.numbering.name(uid) else { return Ok(None) };
        if let Some(path) = listed.and_then(|there| there.get(name)) {
            return Ok(Some(path.clone()));
        }
        for _ in 0..2 {
            if let Some(path) = self.list()?.0.remove(name) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn read(&self, uid: u32, there: &Listing) -> Result<Found, Trouble> {
        let Some(path) = self.path_of(uid, Some(there))? else { return Ok(Found::Nothing) };
        match raw(uid, &path) {
            Ok(mail) => Ok(Found::Mail(mail)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => match self.path_of(uid, None)? {
                None => Ok(Found::Nothing),
                Some(path) => Ok(raw(uid, &path).map_or(Found::Unreadable, Found::Mail)),
            },
            Err(_) => Ok(Found::Unreadable),
        }
    }
}

enum Found {
    Mail(Raw),
    Nothing,
    Unreadable,
}

fn raw(uid: u32, path: &Path) -> io::Result<Raw> {
    let data = fs::metadata(path)?;
    let (size, headers_only) = (data.len(), data.len() > WHOLE_MAIL_LIMIT);
    let bytes = if headers_only { header_of(&read_at_most(path, HEADER_LIMIT)?).to_vec() } else { fs::read(path)? };
    Ok(Raw { uid, internal_date: data.modified().ok().map(DateTime::<Utc>::from), size, headers_only, bytes })
}

fn read_at_most(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A Maildir++ folder, made where it is missing: `Ringi/済み` is the directory `.Ringi.&bggwfw-`, as Dovecot and Courier
/// spell it. The slash becomes a dot, so a name cannot leave the Maildir, except one of dots alone.
fn make_folder(maildir: &Maildir, name: &str) -> Result<Maildir, String> {
    let spelled = utf7::encode(&name.replace('/', "."));
    if spelled.trim_matches('.').is_empty() {
        return Err("this is no name for a folder".to_owned());
    }
    let folder = maildir.subfolder(&format!(".{spelled}")).map_err(|e| e.to_string())?;
    folder.create_dirs().map_err(|e| e.to_string())?;
    Ok(folder)
}

fn files(path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(TroubleKind::Files, format!("{}: {error}", path.display()))
}
