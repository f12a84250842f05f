//! The `ringi` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ringi::cli::main()
}
