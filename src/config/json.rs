//! What is in force as JSON, for programs.

use serde_json::{Value, json};

use super::show::name_of;
use super::{Auth, Config, Manager};
use crate::model::time;

impl Config {
    /// Everything in force by the names that the file has, and which of it was set: dotted key,
    /// of sections too, to `FILE:LINE` or `panel`.
    pub fn to_json(&self) -> Value {
        let Self { club, paths, retention, schedule, http, tls, .. } = self;
        let [certificate, key] = tls.files();
        let files = self
            .files
            .iter()
            .map(|file| json!({ "member": file.member, "path": file.path, "required": file.required }));
        let inventories = self.inventories.iter().map(|inventory| {
            json!({ "member": inventory.member, "path": inventory.path, "include": inventory.include })
        });
        json!({
            "club": { "user": club.user },
            "paths": { "backups": paths.backups, "state": paths.state, "runtime": paths.runtime },
            "files": files.collect::<Vec<_>>(),
            "inventories": inventories.collect::<Vec<_>>(),
            "retention": {
                "days": retention.days,
                "keep_last": retention.keep_last,
                "keep_daily": retention.keep_daily,
                "keep_weekly": retention.keep_weekly,
                "keep_monthly": retention.keep_monthly,
            },
            "schedule": {
                "manager": name_of(schedule.manager, &Manager::NAMES),
                "at": time::hour(schedule.at),
            },
            "http": {
                "listen": http.listen.to_string(),
                "auth": name_of(http.auth, &Auth::NAMES),
                "hosts": http.hosts,
                "max_connections": http.max_connections,
                "max_connections_per_address": http.max_connections_per_address,
            },
            "tls": { "mode": tls.mode(), "certificate": certificate, "key": key },
            "ui": { "language": self.ui.language.code() },
            "set": self.origins.all(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_value_stands_under_its_name_in_the_file_and_what_was_set_is_told() {
        let text = "[retention]\ndays = 9\n[ui]\nlanguage = \"en\"\n";
        let json = Config::parse(text, Path::new("/x.toml")).unwrap().to_json();
        assert_eq!((&json["retention"]["days"], &json["retention"]["keep_last"]), (&json!(9), &json!(3)));
        assert_eq!((&json["ui"]["language"], &json["schedule"]["manager"]), (&json!("en"), &json!("auto")));
        assert_eq!((&json["schedule"]["at"], &json["http"]["auth"]), (&json!("03:00"), &json!("password")));
        assert_eq!(json["files"][0]["member"], "configuration.json");
        let set = json!({
            "retention": "/x.toml:1", "retention.days": "/x.toml:2", "ui": "/x.toml:3", "ui.language": "/x.toml:4",
        });
        assert_eq!(json["set"], set);
    }
}
