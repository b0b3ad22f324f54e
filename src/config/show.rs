//! Everything in force as a file that says the same, each value with its provenance.

use std::fmt::Write;

use super::{Auth, Config, Manager, Origins};
use crate::model::time;

impl Config {
    /// TOML text of every value in the contract's order, each with a comment that says where
    /// it comes from: `# default`, `# panel` or `# FILE:LINE`. [`Config::parse`] gives an equal value of it.
    pub fn show(&self) -> String {
        let mut page = Page { text: String::new(), origins: &self.origins, section: String::new() };
        // An empty list has no headers; and below a header its key would be that section's.
        for (key, is_empty) in
            [("files", self.files.is_empty()), ("inventories", self.inventories.is_empty())]
        {
            if is_empty {
                page.value(key, "[]");
            }
        }
        page.section("club");
        page.text("user", &self.club.user);
        self.show_contents(&mut page);

        let retention = &self.retention;
        page.section("retention");
        page.value("days", &retention.days.to_string());
        page.value("keep_last", &retention.keep_last.to_string());
        page.value("keep_daily", &retention.keep_daily.to_string());
        page.value("keep_weekly", &retention.keep_weekly.to_string());
        page.value("keep_monthly", &retention.keep_monthly.to_string());

        page.section("restore");
        page.list("services", &self.restore.services);
        page.value("check_seconds", &self.restore.check_seconds.to_string());
        page.value("undo_days", &self.restore.undo_days.to_string());

        page.section("masking");
        page.list("keys", &self.masking.keys);

        page.section("schedule");
        page.text("manager", name_of(self.schedule.manager, &Manager::NAMES));
        page.text("at", &time::hour(self.schedule.at));

        page.section("http");
        page.text("listen", &self.http.listen.to_string());
        page.text("auth", name_of(self.http.auth, &Auth::NAMES));
        page.list("hosts", &self.http.hosts);
        page.list("proxies", &self.http.proxies);
        page.value("max_connections", &self.http.max_connections.to_string());
        page.value("max_connections_per_address", &self.http.max_connections_per_address.to_string());

        let [certificate, key] = self.tls.files();
        page.section("tls");
        page.text("mode", self.tls.mode());
        page.text("certificate", &certificate.to_string_lossy());
        page.text("key", &key.to_string_lossy());

        page.section("ui");
        page.text("language", self.ui.language.code());
        page.text
    }

    fn show_contents(&self, page: &mut Page<'_>) {
        page.section("paths");
        page.text("backups", &self.paths.backups.to_string_lossy());
        page.text("state", &self.paths.state.to_string_lossy());
        page.text("runtime", &self.paths.runtime.to_string_lossy());

        for (index, file) in self.files.iter().enumerate() {
            page.item("files", index);
            page.text("member", &file.member);
            page.text("path", &file.path.to_string_lossy());
            page.value("required", &file.required.to_string());
        }
        for (index, inventory) in self.inventories.iter().enumerate() {
            page.item("inventories", index);
            page.text("member", &inventory.member);
            page.text("path", &inventory.path.to_string_lossy());
            page.value("include", &inventory.include.to_string());
        }
    }
}

/// The text as far as it is written.
struct Page<'c> {
    text: String,
    origins: &'c Origins,
    /// The dotted key of the section, with its dot.
    section: String,
}

impl Page<'_> {
    fn section(&mut self, name: &str) {
        self.header(&format!("[{name}]"));
        self.section = format!("{name}.");
    }

    fn item(&mut self, list: &str, index: usize) {
        self.header(&format!("[[{list}]]"));
        self.section = format!("{list}[{index}].");
    }

    fn header(&mut self, header: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(header);
        self.text.push('\n');
    }

    fn text(&mut self, key: &str, text: &str) {
        self.value(key, &quoted(text));
    }

    fn list<T: ToString>(&mut self, key: &str, items: &[T]) {
        let items: Vec<_> = items.iter().map(|item| quoted(&item.to_string())).collect();
        self.value(key, &format!("[{}]", items.join(", ")));
    }

    fn value(&mut self, key: &str, toml: &str) {
        let origin = self.origins.of(&format!("{}{key}", self.section));
        writeln!(self.text, "{key} = {toml}  # {origin}").expect("a String takes every write");
    }
}

pub(super) fn name_of<T: Copy + PartialEq>(value: T, names: &[(&'static str, T)]) -> &'static str {
    let name = names.iter().find(|(_, named)| *named == value);
    name.expect("every variant has a name").0
}

/// The text as a TOML string on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut toml = String::with_capacity(text.len() + 2);
    toml.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => toml.extend(['\\', character]),
            control if control.is_control() => {
                write!(toml, "\\u{:04X}", u32::from(control)).expect("a String takes every write");
            }
            plain => toml.push(plain),
        }
    }
    toml.push('"');
    toml
}

#[cfg(test)]
mod tests {
    use super::super::{
        Club, FileSource, Http, InventorySource, Masking, Paths, Restore, Retention, Schedule, Tls, Ui,
    };
    use super::*;
    use jiff::civil::Time;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::path::{Path, PathBuf};

    #[test]
    fn defaults_are_shown_in_the_contract_s_order() {
        let shown = Config::default().show();
        let first =
            "[club]\nuser = \"pi\"  # default\n\n[paths]\nbackups = \"/home/pi/neopro-backups\"  # default\n";
        assert!(shown.starts_with(first), "{shown}");
        let headers: Vec<_> = shown.lines().filter(|line| line.starts_with('[')).collect();
        let files = ["[[files]]"; 3];
        let rest = [
            "[[inventories]]",
            "[retention]",
            "[restore]",
            "[masking]",
            "[schedule]",
            "[http]",
            "[tls]",
            "[ui]",
        ];
        assert_eq!(headers, [&["[club]", "[paths]"][..], &files, &rest].concat());
        assert!(shown.ends_with("[ui]\nlanguage = \"fr\"  # default\n"));
    }

    #[test]
    fn a_value_from_a_file_is_shown_with_its_line() {
        let text = "files = []\n[retention]\ndays = 14\n";
        let shown = Config::parse(text, Path::new("/etc/a\nb.toml")).unwrap().show();
        assert!(shown.starts_with("files = []  # /etc/a\\nb.toml:1\n\n[club]\n"), "{shown}");
        assert!(shown.contains("days = 14  # /etc/a\\nb.toml:3\nkeep_last = 3  # default\n"), "{shown}");
    }

    #[test]
    fn strings_are_quoted_as_toml_wants() {
        assert_eq!(quoted("a\"b\\c\n\u{7f}é"), r#""a\"b\\c\u000A\u007Fé""#);
    }

    fn path() -> impl Strategy<Value = PathBuf> {
        "/([a-zé\"'\\\\ #\n\t\u{7f}\u{85}]{1,8}/?){1,3}".prop_map(PathBuf::from)
    }

    fn member() -> impl Strategy<Value = String> {
        "[A-Za-z0-9_][A-Za-z0-9._-]{4,12}"
    }

    fn config() -> impl Strategy<Value = Config> {
        let paths =
            (path(), path(), path()).prop_map(|(backups, state, runtime)| Paths { backups, state, runtime });
        let file = (member(), path(), any::<bool>());
        let file = file.prop_map(|(member, path, required)| FileSource { member, path, required });
        let inventory = (member(), path(), any::<bool>());
        let inventory =
            inventory.prop_map(|(member, path, include)| InventorySource { member, path, include });
        let retention = (Retention::DAYS, Retention::KEEP_LAST, [Retention::KEEP_MORE; 3]).prop_map(
            |(days, keep_last, [keep_daily, keep_weekly, keep_monthly])| Retention {
                days,
                keep_last,
                keep_daily,
                keep_weekly,
                keep_monthly,
            },
        );
        let schedule = (0..3_usize, 0..24_i8, 0..60_i8).prop_map(|(manager, hour, minute)| Schedule {
            manager: Manager::NAMES[manager].1,
            at: Time::new(hour, minute, 0, 0).unwrap(),
        });
        let hosts = vec("[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z0-9]{1,4}){0,2}", 0..3);
        let proxies = vec(any::<std::net::Ipv4Addr>().prop_map(Into::into), 0..3);
        let http =
            (any::<std::net::IpAddr>(), any::<u16>(), 0..2_usize, hosts, proxies, [Http::CONNECTIONS; 2]);
        let http = http.prop_map(|(ip, port, auth, hosts, proxies, [all, one])| Http {
            listen: (ip, port).into(),
            auth: Auth::NAMES[auth].1,
            hosts,
            proxies,
            max_connections: all,
            max_connections_per_address: one,
        });
        let tls = (0..3_usize, path(), path()).prop_map(|(mode, certificate, key)| match mode {
            0 => Tls::Off,
            1 => Tls::SelfSigned,
            _ => Tls::Files { certificate, key },
        });
        let language = (0..2_usize).prop_map(|language| Ui { language: Ui::LANGUAGES[language].1 });
        let club = "[a-z_][a-z0-9_-]{0,8}".prop_map(|user| Club { user });
        let restore =
            (vec("[a-z][a-z0-9-]{0,8}\\.service", 0..3), Restore::CHECK_SECONDS, Restore::UNDO_DAYS);
        let restore = restore.prop_map(|(services, check_seconds, undo_days)| Restore {
            services,
            check_seconds,
            undo_days,
        });
        let masking = vec("[a-zé\"']{1,6}", 0..3).prop_map(|keys| Masking { keys });
        let rules = (retention, restore, masking);
        (club, paths, vec(file, 0..4), vec(inventory, 0..3), rules, schedule, (http, tls), language).prop_map(
            |(club, paths, files, inventories, rules, schedule, (http, tls), ui)| Config {
                club,
                paths,
                files,
                inventories,
                retention: rules.0,
                restore: rules.1,
                masking: rules.2,
                schedule,
                http,
                tls,
                ui,
                origins: Origins::default(),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_shown_says_the_same_again(config in config()) {
            let shown = config.show();
            match Config::parse(&shown, Path::new("shown.toml")) {
                Ok(again) => {
                    prop_assert_eq!(&again, &config);
                    let twice = Config::parse(&again.show(), Path::new("again.toml"));
                    prop_assert_eq!(twice.unwrap(), config);
                    prop_assert!(!again.show().contains("# default"));
                }
                // The names and paths were drawn apart, so that some clash; nothing else may be wrong.
                Err(problems) => for problem in problems {
                    let clashes = ["config.name_taken", "config.backups_listed", "config.same_directory"];
                    prop_assert!(clashes.contains(&problem.sentence.key.as_str()), "{shown}\n{problem:?}");
                },
            }
        }
    }
}
