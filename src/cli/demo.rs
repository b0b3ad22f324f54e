//! `demo`: a sample club in a temporary folder, two backups and the panel.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use tracing::Level;

use super::output::{self, Failed, Said};
use super::serve;
use super::setting::{self, Setting};
use crate::config::{Auth, Config, Manager, Paths};
use crate::http::ServeError;
use crate::jobs::{self, Order};
use crate::model::{JobKind, Sentence};
use crate::service;
use crate::text::Language;

/// Where the panel stands on a real box.
const PORT: u16 = 8080;
const BACKUPS: u32 = 2;
const VIDEOS: u64 = 40;

/// `demo`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Listen here [default: 127.0.0.1:8080, or a free port where that is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Print address and folder as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn demo(args: &Args) -> Result<(), Failed> {
    service::start_logging(Level::ERROR);
    let language = setting::of_environment();
    let failed = |source| ServeError::Demo { source };
    if let Some(address) = args.listen.filter(|address| !address.ip().is_loopback()) {
        // Everybody who reaches it may do everything.
        return Err(Failed::of(language, &Sentence::new("demo.loopback_only").with("address", address)));
    }
    let listener = listen(args.listen).said(language)?;
    let folder = TempDir::with_prefix("neopro-backup-demo-").map_err(failed).said(language)?;
    let file = make_club(folder.path()).map_err(failed).said(language)?;
    let setting = Setting::load(Some(&file))?;
    for _ in 0..BACKUPS {
        let id = jobs::new_id(JobKind::Backup);
        let order = Order { id, language, zone: setting::zone(), wait: true, clock: None };
        if let Some(failure) = jobs::backup(&setting.config, order, &mut |_| ()).failure {
            return Err(Failed::of(language, &failure.sentence));
        }
    }
    let json = args.json;
    serve::serve_on(listener, setting, None, |address| welcome(address, folder.path(), json, language))
}

fn welcome(address: SocketAddr, folder: &Path, json: bool, language: Language) {
    let url = format!("http://{address}/");
    if json {
        output::line(&json!({ "url": url, "folder": folder }).to_string());
        return;
    }
    for key in ["demo.ready", "demo.how_to_stop"] {
        let sentence = Sentence::new(key).with("url", &url).with("folder", folder.display());
        output::line(&language.say(&sentence));
    }
}

/// The address that was asked for; else the usual port, else a free one.
fn listen(asked: Option<SocketAddr>) -> Result<TcpListener, ServeError> {
    let bind = |address: SocketAddr| {
        service::listener(address).map_err(|source| ServeError::Listen { address, source })
    };
    match asked {
        Some(address) => bind(address),
        None => bind((Ipv4Addr::LOCALHOST, PORT).into()).or_else(|_| bind((Ipv4Addr::LOCALHOST, 0).into())),
    }
}

/// Makes the club; gives back its configuration's path.
fn make_club(folder: &Path) -> io::Result<PathBuf> {
    let club = folder.join("club");
    for part in ["webapp", "sync-agent", "videos/MATCHS", "videos/SPONSORS"] {
        fs::create_dir_all(club.join(part))?;
    }
    fs::create_dir(folder.join("backups"))?;
    let video = |n: u64| match n % 2 {
        0 => format!("SPONSORS/Boulangerie du Théâtre {n}.mp4"),
        _ => format!("MATCHS/2026-10-{:02} N1 Féminine - But {n} 🏐.mp4", n % 28 + 1),
    };
    for n in 1..=VIDEOS {
        // Sparse: names and sizes are all that an inventory needs.
        fs::File::create(club.join("videos").join(video(n)))?.set_len(n * 1_000_000)?;
    }
    let videos: Vec<_> = (1..=VIDEOS).map(|n| json!({ "path": format!("videos/{}", video(n)) })).collect();
    let settings = json!({ "version": "2.0", "name": "Club de démonstration", "videos": videos });
    fs::write(club.join("webapp/configuration.json"), serde_json::to_vec_pretty(&settings)?)?;
    fs::write(club.join("sync-agent/.env"), "SITE_ID=demo\nAPI_TOKEN=not-a-secret\n")?;
    fs::write(club.join("site.conf"), "SITE_NAME=\"Gymnase de démonstration\"\n")?;

    let file = folder.join("config.toml");
    fs::write(&file, configuration(folder))?;
    Ok(file)
}

/// The defaults, with every path moved below `folder`.
fn configuration(folder: &Path) -> String {
    let mut config = Config::default();
    let Paths { backups, state, runtime } = &mut config.paths;
    for (place, name) in [(backups, "backups"), (state, "state"), (runtime, "run")] {
        *place = folder.join(name);
    }
    for (file, path) in
        config.files.iter_mut().zip(["webapp/configuration.json", "sync-agent/.env", "site.conf"])
    {
        file.path = folder.join("club").join(path);
    }
    for inventory in &mut config.inventories {
        inventory.path = folder.join("club/videos");
    }
    config.schedule.manager = Manager::Local;
    config.http.auth = Auth::OpenLan;
    open_to_the_panel(&config.show())
}

/// The configuration without what the panel may set, which a file would take from it.
fn open_to_the_panel(shown: &str) -> String {
    let mut section = "";
    let mut text = String::new();
    for line in shown.lines() {
        if line.starts_with('[') {
            section = line;
        }
        if section != "[retention]" && !(section == "[schedule]" && line.starts_with("at = ")) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
