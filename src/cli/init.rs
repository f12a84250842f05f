//! `ringi init DIR`: a config, rules and templates to start from.

use std::path::{Path, PathBuf};

use super::{Failure, output};
use crate::config;
use crate::fault::Fault;
use crate::letters::Templates;
use crate::rules::Rules;

/// `ringi init DIR`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder to write into; made where it is not there. Files that are there already are never overwritten.
    dir: PathBuf,
}

/// Writes ringi.toml, rules/ and templates/.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let dir = &arguments.dir;
    let mut files: Vec<(PathBuf, &str)> = vec![(dir.join("ringi.toml"), config::EXAMPLE)];
    files.extend(Rules::files().into_iter().map(|(name, text)| (dir.join("rules").join(name), text)));
    files.extend(Templates::files().map(|(name, text)| (dir.join("templates").join(name), text)));
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(Fault::new(
            format!("{} is there already", there.display()),
            "Name an empty folder; nothing was written.",
        )
        .into());
    }
    for (path, text) in &files {
        write(path, text)?;
    }
    output::print(&format!("{}", dir.join("ringi.toml").display()))?;
    eprintln!(
        "Wrote {} files. Next: edit {}, put the passwords where it names them, then run\n  ringi --config {} check",
        files.len(),
        dir.join("ringi.toml").display(),
        dir.join("ringi.toml").display(),
    );
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("{} cannot be written: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
