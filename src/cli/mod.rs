//! The command line: one file a subcommand.
//!
//! Exit status 0 for done, 1 for failed, 2 for wrong usage; `check` has its own.
//! Uses every other room.

mod auto;
mod check;
mod code_file;
mod config;
mod delete;
mod demo;
mod diff;
mod door;
mod import;
mod list;
mod output;
mod passwd;
mod pin;
mod progress;
mod prune;
mod restore;
mod restoring;
mod run;
mod runtime;
mod serve;
mod setting;
mod show;
mod token;
mod verify;
mod vitals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use setting::Setting;

/// Nightly, verified backups of a Neopro box.
#[derive(Debug, Parser)]
#[command(name = "neopro-backup", version, arg_required_else_help = true)]
struct Cli {
    /// The configuration file [default: /etc/neopro-backup/config.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the admin panel
    Serve(serve::Args),
    /// Make one backup now
    Run(run::Args),
    /// List the archives, newest first
    List(list::Args),
    /// Show what an archive holds
    Show(show::Args),
    /// Say what changed since an archive was made, or between two
    Diff(diff::Args),
    /// Put the club's files back from an archive, or take the last restore back
    Restore(restore::Args),
    /// Take in an archive from elsewhere, once it was read to its end
    Import(import::Args),
    /// Read archives back and say what they are worth
    Verify(verify::Args),
    /// Delete archives
    Delete(delete::Args),
    /// Keep an archive whatever its age
    Pin(pin::Args),
    /// Give a pinned archive back to retention
    Unpin(pin::Args),
    /// Delete the archives that retention no longer keeps
    Prune(prune::Args),
    /// Tell monitoring how old the last backup is (exit status 0, 1, 2 or 3)
    Check(check::Args),
    /// Show or set the nightly backup
    Auto(auto::Args),
    /// Set or reset the password of the panel
    Passwd(passwd::Args),
    /// Manage the tokens that scripts show to the API
    Token(token::Args),
    /// Check or show the configuration
    Config(config::Args),
    /// Try it out: a sample club in a temporary folder, and the panel
    Demo(demo::Args),
}

/// The command line as it is defined, for its manual and its completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The whole program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help) => {
            // Nobody is left to tell when standard error is closed.
            let _ = help.print();
            return ExitCode::from(u8::try_from(help.exit_code()).unwrap_or(2));
        }
    };
    let setting = || Setting::load(cli.config.as_deref());
    let done = match cli.command {
        Command::Check(args) => return check::check(&args, setting()),
        Command::Demo(args) => demo::demo(&args),
        Command::Config(args) => config::config(&args, cli.config.as_deref()),
        Command::Serve(args) => {
            setting().map_err(serve::wait_for_a_person).and_then(|setting| serve::serve(&args, setting))
        }
        Command::Run(args) => setting().and_then(|setting| run::run(args, &setting)),
        Command::List(args) => setting().and_then(|setting| list::list(args, &setting)),
        Command::Show(args) => setting().and_then(|setting| show::show(&args, &setting)),
        Command::Diff(args) => setting().and_then(|setting| diff::diff(&args, &setting)),
        Command::Restore(args) => setting().and_then(|setting| restore::restore(args, &setting)),
        Command::Import(args) => setting().and_then(|setting| import::import(&args, &setting)),
        Command::Verify(args) => setting().and_then(|setting| verify::verify(&args, &setting)),
        Command::Delete(args) => setting().and_then(|setting| delete::delete(&args, &setting)),
        Command::Pin(args) => setting().and_then(|setting| pin::pin(&args, &setting)),
        Command::Unpin(args) => setting().and_then(|setting| pin::unpin(&args, &setting)),
        Command::Prune(args) => setting().and_then(|setting| prune::prune(&args, &setting)),
        Command::Passwd(args) => setting().and_then(|setting| passwd::passwd(&args, &setting)),
        Command::Token(args) => setting().and_then(|setting| token::token(&args, &setting)),
        Command::Auto(args) => setting().and_then(|setting| auto::auto(&args, &setting)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.tell(),
    }
}
