//! Letters written as files into a Maildir: for the demo, and as a sink.

use std::path::{Path, PathBuf};

use maildir::{Maildir, MaildirError};

use super::Sent;
use crate::fault::Fault;

/// A Maildir that takes letters. Its files hold the letters' bytes and nothing else.
#[derive(Debug, Clone)]
pub struct MaildirSink {
    path: PathBuf,
}

impl MaildirSink {
    /// Opens the Maildir at `path`, and makes it where it is not there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Fault> {
        let path = path.into();
        Maildir::from(path.clone()).create_dirs().map_err(|error| {
            Fault::new(
                format!("the Maildir for outgoing letters cannot be made: {error}"),
                "Name a folder that can be written to.",
            )
            .in_file(&path)
        })?;
        Ok(Self { path })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn send(&self, bytes: &[u8]) -> Sent {
        let (path, bytes) = (self.path.clone(), bytes.to_vec());
        // fsync blocks: not on a worker that others wait for.
        match tokio::task::spawn_blocking(move || store(path, &bytes)).await {
            Ok(Ok(id)) => Sent::Accepted { reply: super::reply::shown(&format!("written as {id}")) },
            Ok(Err(error)) => Sent::surroundings(&format!("the Maildir does not take it: {error}")),
            Err(_) => Sent::surroundings("the Maildir did not take it: writing was broken off"),
        }
    }
}

/// The crate syncs the file; the rename lasts only once its folder is synced, too.
fn store(path: PathBuf, bytes: &[u8]) -> Result<String, MaildirError> {
    let new = path.join("new");
    let id = Maildir::from(path).store_new(bytes)?;
    std::fs::File::open(new)?.sync_all()?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_becomes_a_file_with_its_bytes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let sink = MaildirSink::open(folder.path().join("out")).unwrap();
        let bytes = b"To: kei.mori@haruka.example\r\n\r\n.\r\nFrom here\r\n";
        assert!(matches!(sink.send(bytes).await, Sent::Accepted { .. }));

        let files: Vec<_> = std::fs::read_dir(sink.path().join("new")).unwrap().map(|f| f.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read(&files[0]).unwrap(), bytes);
        assert_eq!(std::fs::read_dir(sink.path().join("tmp")).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_maildir_that_is_gone_is_a_fault_of_the_surroundings() {
        let folder = tempfile::tempdir().unwrap();
        let sink = MaildirSink::open(folder.path().join("out")).unwrap();
        std::fs::remove_dir_all(sink.path()).unwrap();
        assert!(matches!(sink.send(b"\r\n").await, Sent::Deferred { surroundings: true, .. }));
    }
}
