//! UIDs for the files of a Maildir: given once, never given again.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// In the Maildir's own directory, as Dovecot keeps its `dovecot-uidlist`.
const FILE: &str = "ringi-uids";

/// The first word of the file, with the version of its form.
const MARK: &str = "ringi-uids-1";

/// Which base name has which UID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbering {
    path: PathBuf,
    /// Seconds since 1970 when the file was made: a numbering that was lost is not taken for the old one.
    pub(super) uid_validity: u32,
    pub(super) uid_next: u32,
    by_uid: BTreeMap<u32, String>,
    by_name: HashMap<String, u32>,
}

impl Numbering {
    /// Reads the numbering of a Maildir, or begins one. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// The file cannot be read or is damaged.
    pub(super) fn load(maildir: &Path, now: u32) -> io::Result<Self> {
        let path = maildir.join(FILE);
        let mut numbering =
            Self { path, uid_validity: now.max(1), uid_next: 1, by_uid: BTreeMap::new(), by_name: HashMap::new() };
        match fs::read_to_string(&numbering.path) {
            Ok(text) => numbering.parse(&text).ok_or_else(|| {
                let what =
                    format!("{} is damaged: remove it, and the mails are numbered anew", numbering.path.display());
                io::Error::new(io::ErrorKind::InvalidData, what)
            })?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => numbering.save()?,
            Err(e) => return Err(e),
        }
        Ok(numbering)
    }

    fn parse(&mut self, text: &str) -> Option<()> {
        // A file that was cut short has no line end.
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let mut head = lines.next()?.split(' ');
        if head.next()? != MARK {
            return None;
        }
        self.uid_validity = head.next()?.parse().ok().filter(|v| *v > 0)?;
        self.uid_next = head.next()?.parse().ok()?;
        for line in lines {
            let (uid, name) = line.split_once(' ')?;
            self.insert(uid.parse().ok().filter(|uid| *uid < self.uid_next)?, name);
        }
        Some(())
    }

    fn insert(&mut self, uid: u32, name: &str) {
        self.by_uid.insert(uid, name.to_owned());
        self.by_name.insert(name.to_owned(), uid);
    }

    /// Can this base name stand in the file?
    pub(super) fn can_hold(name: &str) -> bool {
        !name.is_empty() && !name.contains('\n')
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(super) fn name(&self, uid: u32) -> Option<&str> {
        self.by_uid.get(&uid).map(String::as_str)
    }

    /// The numbered names above `cursor`, by UID.
    pub(super) fn after(&self, cursor: u32) -> impl Iterator<Item = (u32, &str)> {
        let from = std::ops::Bound::Excluded(cursor);
        self.by_uid.range((from, std::ops::Bound::Unbounded)).map(|(uid, name)| (*uid, name.as_str()))
    }

    /// Gives the next UIDs to these names and writes the file before anybody hears of them.
    ///
    /// # Errors
    /// The file cannot be written, or 2^32 mails were numbered.
    pub(super) fn give(&mut self, names: &[String]) -> io::Result<()> {
        for name in names {
            let uid = self.uid_next;
            self.uid_next = uid.checked_add(1).ok_or_else(|| io::Error::other("all UIDs are used up"))?;
            self.insert(uid, name);
        }
        if names.is_empty() { Ok(()) } else { self.save() }
    }

    /// Forgets the names that `keep` does not want. Their UIDs stay used.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn prune(&mut self, keep: impl Fn(&str) -> bool) -> io::Result<()> {
        let before = self.by_uid.len();
        self.by_uid.retain(|_, name| keep(name));
        self.by_name.retain(|name, _| keep(name));
        if self.by_uid.len() == before { Ok(()) } else { self.save() }
    }

    /// Whole, under another name, flushed to the disk, then renamed: after a power cut there is the old or the new.
    fn save(&self) -> io::Result<()> {
        let mut text = format!("{MARK} {} {}\n", self.uid_validity, self.uid_next);
        for (uid, name) in &self.by_uid {
            text.push_str(&format!("{uid} {name}\n"));
        }
        let aside = self.path.with_extension("new");
        let mut file = File::create(&aside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&aside, &self.path)?;
        match self.path.parent() {
            Some(dir) => File::open(dir)?.sync_all(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbering_outlives_the_program_and_gives_no_uid_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Numbering::load(dir.path(), 1_000).unwrap();
        first.give(&["a".to_owned(), "b c".to_owned()]).unwrap();
        first.prune(|name| name == "a").unwrap();
        let mut second = Numbering::load(dir.path(), 2_000).unwrap();
        assert_eq!(first, second);
        assert_eq!(second.uid_validity, 1_000);
        second.give(&["b c".to_owned()]).unwrap();
        assert_eq!(second.after(1).collect::<Vec<_>>(), [(3, "b c")]);
    }

    #[test]
    fn a_damaged_numbering_is_a_fault_and_not_a_fresh_start() {
        let dir = tempfile::tempdir().unwrap();
        for damaged in
            ["", "ringi-uids-1 5 2\n1 a", "ringi-uids-1 5 2\n7 a\n", "ringi-uids-9 5 2\n", "ringi-uids-1 0 1\n"]
        {
            fs::write(dir.path().join(FILE), damaged).unwrap();
            let error = Numbering::load(dir.path(), 1_000).unwrap_err();
            assert!(error.to_string().contains(FILE), "{damaged:?}");
        }
    }
}
