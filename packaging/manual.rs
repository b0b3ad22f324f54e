//! Writes the man pages and the shell completions into a folder, from the program's own
//! definition of its command line: `cargo run --example manual -- FOLDER`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

const NAME: &str = "neopro-backup";

/// What the command line itself does not say: a section's title and its paragraphs.
const MORE: [(&str, &[&str]); 3] = [
    (
        "EXIT STATUS",
        &[
            "0: done. 1: failed. 2: wrong usage or configuration.",
            "neopro-backup-check(1) answers as monitoring plug-ins do: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.",
        ],
    ),
    (
        "FILES",
        &[
            "/etc/neopro-backup/config.toml: the configuration; every key is optional.",
            "/home/pi/neopro-backups: the archives, last-backup-status.json and backup.log.",
            "/var/lib/neopro-backup: what must survive a reboot and is not an archive.",
            "/run/neopro-backup: what jobs report, gone at reboot.",
        ],
    ),
    (
        "UNITS",
        &[
            "neopro-admin.socket and neopro-admin.service: the panel.",
            "neopro-backup.timer and neopro-backup.service: the nightly backup.",
            "neopro-backup-verify.timer and neopro-backup-verify.service: all archives are read back, every week.",
            "neopro-restore@JOB.service: a restore that the panel was asked for.",
            "neopro-restore-resume.service: after a power cut in the middle of one, the files of before come back.",
        ],
    ),
];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: manual FOLDER");
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("manual: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut command = neopro_backup::cli::command().name(NAME).disable_help_subcommand(true);
    command.build();
    let pages = folder.join("man");
    // A page of a subcommand that is gone must not stay.
    if pages.exists() {
        fs::remove_dir_all(&pages)?;
    }
    fs::create_dir_all(&pages)?;
    page(&command, NAME, &pages)?;
    let shells = [(Shell::Bash, NAME), (Shell::Zsh, "_neopro-backup"), (Shell::Fish, "neopro-backup.fish")];
    for (shell, file) in shells {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut command, NAME, &mut text);
        let place = folder.join(shell.to_string());
        fs::create_dir_all(&place)?;
        fs::write(place.join(file), text)?;
    }
    Ok(())
}

/// The page of a command, and those of the commands below it.
fn page(command: &Command, name: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let below: Vec<(&Command, String)> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
        .map(|sub| (sub, format!("{name}-{}", sub.get_name())))
        .collect();
    // No date: the same source gives the same page.
    let version = format!("{NAME} {}", env!("CARGO_PKG_VERSION"));
    let shown = command.clone().display_name(name);
    let man = Man::new(shown).title(name).source(version).manual("Neopro Backup").date("");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut text)?;
    }
    if !below.is_empty() {
        man.render_subcommands_section(&mut text)?;
    }
    let is_main = name == NAME;
    for (title, paragraphs) in MORE.iter().filter(|_| is_main) {
        section(title, paragraphs, &mut text)?;
    }
    // The main page names those of its commands already.
    let others: Vec<String> = match name.rsplit_once('-').filter(|_| !is_main) {
        Some((above, _)) => [above].into_iter().chain(below.iter().map(|(_, name)| name.as_str())).collect(),
        None => vec!["systemctl", "journalctl", "tar"],
    }
    .into_iter()
    .map(|name| format!("{name}(1)"))
    .collect();
    section("SEE ALSO", &[&others.join(", ")], &mut text)?;
    fs::write(folder.join(format!("{name}.1")), text)?;
    for (sub, name) in below {
        page(sub, &name, folder)?;
    }
    Ok(())
}

fn section(title: &str, paragraphs: &[&str], text: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for paragraph in paragraphs {
        roff.control("PP", []);
        roff.text([roman(*paragraph)]);
    }
    roff.to_writer(text)
}
