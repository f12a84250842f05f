//! Secrets come from a file, a command or a systemd credential; never from the command line or the config itself.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::fault::Fault;
use crate::secret::Secret;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// No secret is longer, in bytes.
const MOST_PRINTED: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints; program and arguments, no shell.
    Command(Vec<String>),
    /// A file of `$CREDENTIALS_DIRECTORY`, where systemd puts what `LoadCredential=` names.
    Credential(String),
}

impl SecretSource {
    /// Fetches the secret.
    ///
    /// # Errors
    /// A fault that names the source, and never what it holds.
    pub fn fetch(&self) -> Result<Secret, Fault> {
        match self {
            Self::File(path) => first_line_of(path),
            Self::Command(words) => from_command(words),
            Self::Credential(name) => match std::env::var_os("CREDENTIALS_DIRECTORY") {
                Some(folder) => first_line_of(&Path::new(&folder).join(name)),
                None => Err(Fault::new(
                    format!("the credential {name:?} is wanted, and CREDENTIALS_DIRECTORY is not set"),
                    "Add LoadCredential= to the unit, or name a file or a command instead.",
                )),
            },
        }
    }
}

impl SecretSource {
    /// The file, where everybody on this machine may read it.
    pub fn open_to_all(&self) -> Option<&Path> {
        use std::os::unix::fs::PermissionsExt as _;
        match self {
            Self::File(path) => {
                let open = path.metadata().is_ok_and(|found| found.permissions().mode() & 0o004 != 0);
                open.then_some(path.as_path())
            }
            Self::Command(_) | Self::Credential(_) => None,
        }
    }
}

fn first_line_of(path: &Path) -> Result<Secret, Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Fault::new(format!("the secret cannot be read: {error}"), "Check the path and its permissions.").in_file(path)
    })?;
    secret(&text).ok_or_else(|| Fault::new("the secret is empty", "Write it on the first line.").in_file(path))
}

fn from_command(words: &[String]) -> Result<Secret, Fault> {
    let failed = |why: String| {
        Fault::new(
            format!("the command {:?} gave no secret: {why}", words.first().map(String::as_str).unwrap_or_default()),
            "Run it by hand as the daemon's user.",
        )
    };
    let Some((program, arguments)) = words.split_first() else { return Err(failed("it is empty".to_owned())) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let Some(mut stdout) = child.stdout.take() else { return Err(failed("its output cannot be read".to_owned())) };
    let (printed, read) = mpsc::channel();
    // A reader of its own: a command that prints without end, or leaves a child behind that holds its output open, keeps
    // nobody waiting.
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let done = stdout.by_ref().take(MOST_PRINTED).read_to_end(&mut bytes);
        let _ = printed.send(done.map(|_| bytes));
    });
    let bytes = read.recv_timeout(PATIENCE);
    if bytes.is_err() {
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("it did not end within {} seconds", PATIENCE.as_secs())));
    }
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    let bytes = bytes.ok().and_then(Result::ok).unwrap_or_default();
    secret(&String::from_utf8_lossy(&bytes)).ok_or_else(|| failed("it printed nothing".to_owned()))
}

fn secret(text: &str) -> Option<Secret> {
    text.lines().next().map(str::trim_end).filter(|line| !line.is_empty()).map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(source: &SecretSource) -> Result<String, String> {
        source.fetch().map(|secret| secret.expose().to_owned()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_secret_is_the_first_line_of_a_file_as_it_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let source = SecretSource::File(file.clone());
        assert!(fetched(&source).unwrap_err().contains("the secret cannot be read"));
        std::fs::write(&file, "first \nsecond\n").unwrap();
        assert_eq!(fetched(&source).unwrap(), "first");
        std::fs::write(&file, "changed").unwrap();
        assert_eq!(fetched(&source).unwrap(), "changed", "read anew");
        std::fs::write(&file, "\n").unwrap();
        assert!(fetched(&source).unwrap_err().ends_with("the secret is empty. Write it on the first line."));
    }

    #[test]
    fn a_secret_is_what_a_command_prints_and_a_fault_never_holds_it() {
        let command = |words: &[&str]| SecretSource::Command(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(fetched(&command(&["printf", "hidden\nmore"])).unwrap(), "hidden");
        let told = fetched(&command(&["sh", "-c", "echo hidden; exit 3"])).unwrap_err();
        assert_eq!(told, "the command \"sh\" gave no secret: exit status: 3. Run it by hand as the daemon's user.");
        assert!(fetched(&command(&["true"])).unwrap_err().contains("it printed nothing"));
        assert!(fetched(&command(&["/nowhere/at/all"])).unwrap_err().contains("No such file"));
        assert!(fetched(&command(&[])).unwrap_err().contains("it is empty"));
    }
}
