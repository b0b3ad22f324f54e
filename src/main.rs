//! argv → one command → exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    neopro_backup::cli::main()
}
