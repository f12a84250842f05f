//! Secrets come from a file, a command or a systemd credential; never from the command line or the config itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::fault::Fault;
use crate::secret::Secret;

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
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    secret(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| failed("it printed nothing".to_owned()))
}

fn secret(text: &str) -> Option<Secret> {
    text.lines().next().map(str::trim_end).filter(|line| !line.is_empty()).map(Secret::new)
}
