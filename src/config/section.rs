//! Reads a table key by key. Each read marks its key as known and notes the line;
//! what is left over at the end is a problem, so that no key is swallowed.

use std::ops::RangeInclusive;

use toml::de::{DeInteger, DeTable, DeValue};

use super::document::Document;
use super::near::nearest;
use super::show::quoted;
use crate::model::Sentence;

/// A table of the file; an absent one is empty.
pub(super) struct Section<'d, 't> {
    table: Option<&'t DeTable<'t>>,
    /// Its dotted key; empty for the whole file.
    name: String,
    /// The byte where it begins.
    start: Option<usize>,
    known: Vec<&'static str>,
    document: &'d mut Document<'t>,
}

impl<'d, 't> Section<'d, 't> {
    /// Reads the whole file with `read`.
    pub(super) fn root<T>(
        table: &'t DeTable<'t>,
        document: &'d mut Document<'t>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        Self { table: Some(table), name: String::new(), start: None, known: Vec::new(), document }.whole(read)
    }

    /// Reads this section with `read`, then refuses what `read` did not ask for.
    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let result = read(&mut self);
        for name in self.table.into_iter().flat_map(DeTable::keys) {
            let key = name.get_ref().as_ref();
            if self.known.contains(&key) {
                continue;
            }
            let sentence = match nearest(key, &self.known) {
                Some(near) => Sentence::new("config.unknown_near").with("near", near),
                None => Sentence::new("config.unknown"),
            };
            self.document.refuse(self.dotted(key), Some(name.span().start), sentence);
        }
        result
    }

    /// Reads the table of this key with `read`.
    pub(super) fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'_, 't>) -> T,
    ) -> T {
        let table =
            self.take(key, |value| value.as_table().ok_or_else(|| Sentence::new("config.expected_table")));
        let name = self.dotted(key);
        let entry = self.table.and_then(|table| table.get_key_value(key));
        let start = entry.map(|(name, _)| name.span().start);
        Section { table, name, start, known: Vec::new(), document: self.document }.whole(read)
    }

    /// Reads each table of this key's list with `read`, which gives nothing for one that is
    /// refused; none where the key is absent.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'_, 't>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list =
            self.take(key, |value| value.as_array().ok_or_else(|| Sentence::new("config.expected_tables")))?;
        let mut all = Vec::new();
        for (index, value) in list.iter().enumerate() {
            let name = format!("{}[{index}]", self.dotted(key));
            let (start, document) = (Some(value.span().start), &mut *self.document);
            if let Some(table) = value.get_ref().as_table() {
                let section = Section { table: Some(table), name, start, known: Vec::new(), document };
                all.extend(section.whole(&mut read));
            } else {
                let found = document.excerpt(value.span());
                document.refuse(name, start, Sentence::new("config.expected_table").with("found", found));
            }
        }
        Some(all)
    }

    /// A whole number within bounds.
    pub(super) fn integer(&mut self, key: &'static str, default: u16, bounds: RangeInclusive<u16>) -> u16 {
        let bounded = |sentence: Sentence| sentence.with("least", bounds.start()).with("most", bounds.end());
        let number = self.take(key, |value| {
            let number =
                value.as_integer().ok_or_else(|| bounded(Sentence::new("config.expected_integer")))?;
            let number = to_u16(number).filter(|number| bounds.contains(number));
            number.ok_or_else(|| bounded(Sentence::new("config.out_of_range")))
        });
        number.unwrap_or(default)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        self.take(key, |value| value.as_bool().ok_or_else(|| Sentence::new("config.expected_boolean")))
            .unwrap_or(default)
    }

    /// One of these names.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, default: T, names: &[(&str, T)]) -> T {
        self.text(key, default, |text| {
            let choice = names.iter().find(|(name, _)| *name == text);
            choice.map(|(_, choice)| *choice).ok_or_else(|| {
                let choices: Vec<_> = names.iter().map(|(name, _)| quoted(name)).collect();
                Sentence::new("config.not_a_choice").with("choices", choices.join(", "))
            })
        })
    }

    /// Text that `parse` understands.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, Sentence>,
    ) -> T {
        self.take(key, |value| parse(text_of(value)?)).unwrap_or(default)
    }

    /// The same without a default: absence is a problem.
    pub(super) fn needed_text<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Sentence>,
    ) -> Option<T> {
        if !self.has(key) {
            self.refuse(key, Sentence::new("config.missing"));
        }
        self.take(key, |value| parse(text_of(value)?))
    }

    /// A list of texts that `parse` understands; empty where the key is absent.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Sentence>,
    ) -> Vec<T> {
        let list =
            self.take(key, |value| value.as_array().ok_or_else(|| Sentence::new("config.expected_list")));
        let mut all = Vec::new();
        for (index, value) in list.into_iter().flat_map(|list| list.iter()).enumerate() {
            match text_of(value.get_ref()).and_then(&parse) {
                Ok(item) => all.push(item),
                Err(sentence) => {
                    let key = format!("{}[{index}]", self.dotted(key));
                    let sentence = sentence.with("found", self.document.excerpt(value.span()));
                    self.document.refuse(key, Some(value.span().start), sentence);
                }
            }
        }
        all
    }

    /// The same with a default, which the file's list replaces.
    pub(super) fn list_or<T>(
        &mut self,
        key: &'static str,
        default: Vec<T>,
        parse: impl Fn(&str) -> Result<T, Sentence>,
    ) -> Vec<T> {
        let given = self.list(key, parse);
        if self.has(key) { given } else { default }
    }

    /// Whether the file has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Whether nothing is wrong with the file so far.
    pub(super) fn is_sound(&self) -> bool {
        self.document.is_sound()
    }

    /// Notes a problem with this key, or with its absence.
    pub(super) fn refuse(&mut self, key: &str, sentence: Sentence) {
        let entry = self.table.and_then(|table| table.get_key_value(key));
        let byte = entry.map(|(name, _)| name.span().start).or(self.start);
        self.document.refuse(self.dotted(key), byte, sentence);
    }

    /// What the file says for this key; none where it says nothing or `read` refuses it.
    fn take<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'t DeValue<'t>) -> Result<T, Sentence>,
    ) -> Option<T> {
        self.known.push(key);
        let (name, value) = self.table?.get_key_value(key)?;
        self.document.set(self.dotted(key), name.span().start);
        match read(value.get_ref()) {
            Ok(read) => Some(read),
            Err(sentence) => {
                self.refuse(key, sentence.with("found", self.document.excerpt(value.span())));
                None
            }
        }
    }

    fn dotted(&self, key: &str) -> String {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let key = if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { quoted(key) };
        if self.name.is_empty() { key } else { format!("{}.{key}", self.name) }
    }
}

fn text_of<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Sentence> {
    value.as_str().ok_or_else(|| Sentence::new("config.expected_text"))
}

fn to_u16(number: &DeInteger<'_>) -> Option<u16> {
    u16::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bad, good, parse};
    use super::*;
    use crate::model::Gap;
    use std::collections::BTreeMap;

    #[test]
    fn unknown_key_is_refused_with_its_name_and_line() {
        assert_eq!(bad("\n[retention]\nkeep = 1"), ["3 retention.keep unknown"]);
        assert_eq!(bad("colour = 1\n[colours]\na = 1"), ["1 colour unknown", "2 colours unknown"]);
        assert_eq!(bad("[http]\n\"a\\nb\" = 1"), ["2 http.\"a\\u000Ab\" unknown"]);
        assert_eq!(bad("[ui]\n\"\" = 1"), ["2 ui.\"\" unknown"]);
        for section in ["paths", "retention", "restore", "masking", "schedule", "http", "tls", "ui"] {
            assert_eq!(bad(&format!("{section}.xyz = 1")), [format!("1 {section}.xyz unknown")]);
        }
        for list in ["files", "inventories"] {
            let text = format!("[[{list}]]\nmember = 'a'\npath = '/a'\nxyz = 1");
            assert_eq!(bad(&text), [format!("4 {list}[0].xyz unknown")]);
        }
    }

    #[test]
    fn a_misspelt_key_is_refused_with_the_one_that_was_meant() {
        let problems = parse("[retention]\nkeep-last = 5").unwrap_err();
        assert_eq!(problems[0].sentence, Sentence::new("config.unknown_near").with("near", "keep_last"));
        assert_eq!(bad("[htp]"), ["1 htp unknown_near"]);
    }

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        for (key, least, most) in [
            ("retention.days", 1, 3_650),
            ("retention.keep_last", 3, 10_000),
            ("retention.keep_daily", 0, 3_650),
            ("retention.keep_weekly", 0, 3_650),
            ("retention.keep_monthly", 0, 3_650),
            ("restore.check_seconds", 0, 600),
            ("restore.undo_days", 1, 365),
            ("http.max_connections", 1, 4_096),
            ("http.max_connections_per_address", 1, 4_096),
        ] {
            good(&format!("{key} = {least}"));
            good(&format!("{key} = {most}"));
            for number in [least - 1, -1, most + 1, 65_536 + 5, i64::MIN, i64::MAX] {
                assert_eq!(bad(&format!("{key} = {number}")), [format!("1 {key} out_of_range")], "{number}");
            }
        }
        let problems = parse("retention.days = 99999999999999999999").unwrap_err();
        let sentence = Sentence::new("config.out_of_range").with("found", "99999999999999999999");
        assert_eq!(problems[0].sentence, sentence.with("least", 1).with("most", 3_650));
    }

    #[test]
    fn wrong_types_are_refused_for_every_key() {
        const VALUES: [(&str, &str); 7] = [
            ("text", "'x'"),
            ("integer", "1"),
            ("float", "1.5"),
            ("boolean", "true"),
            ("date", "03:00:00"),
            ("list", "[]"),
            ("table", "{}"),
        ];
        for (key, wanted) in [
            ("club", "table"),
            ("club.user", "text"),
            ("paths", "table"),
            ("paths.backups", "text"),
            ("paths.state", "text"),
            ("paths.runtime", "text"),
            ("files", "tables"),
            ("inventories", "tables"),
            ("retention", "table"),
            ("retention.days", "integer"),
            ("retention.keep_last", "integer"),
            ("retention.keep_daily", "integer"),
            ("retention.keep_weekly", "integer"),
            ("retention.keep_monthly", "integer"),
            ("restore", "table"),
            ("restore.services", "list"),
            ("restore.check_seconds", "integer"),
            ("restore.undo_days", "integer"),
            ("masking", "table"),
            ("masking.keys", "list"),
            ("schedule", "table"),
            ("schedule.manager", "text"),
            ("schedule.at", "text"),
            ("http", "table"),
            ("http.listen", "text"),
            ("http.auth", "text"),
            ("http.hosts", "list"),
            ("http.max_connections", "integer"),
            ("http.max_connections_per_address", "integer"),
            ("tls", "table"),
            ("tls.mode", "text"),
            ("tls.certificate", "text"),
            ("tls.key", "text"),
            ("ui", "table"),
            ("ui.language", "text"),
        ] {
            for (kind, value) in VALUES.iter().filter(|(kind, _)| !wanted.starts_with(kind)) {
                let list = wanted == "tables" && *kind == "list";
                let problems = if list { continue } else { bad(&format!("{key} = {value}")) };
                assert_eq!(problems, [format!("1 {key} expected_{wanted}")], "{key} = {value}");
            }
        }
        for (list, key, wanted) in [
            ("files", "member", "text"),
            ("files", "path", "text"),
            ("files", "required", "boolean"),
            ("inventories", "member", "text"),
            ("inventories", "path", "text"),
            ("inventories", "include", "boolean"),
        ] {
            for (_, value) in VALUES.iter().filter(|(kind, _)| *kind != wanted) {
                let mut keys = BTreeMap::from([("member", "'a'"), ("path", "'/a'")]);
                keys.insert(key, value);
                let keys: Vec<_> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                let text = format!("{list} = [{{ {} }}]", keys.join(", "));
                assert_eq!(bad(&text), [format!("1 {list}[0].{key} expected_{wanted}")], "{text}");
            }
        }
        assert_eq!(bad("files = [\n1]"), ["2 files[0] expected_table"]);
        assert_eq!(bad("[[http]]"), ["1 http expected_table"]);
        assert_eq!(bad("[files]"), ["1 files expected_tables"]);
    }

    #[test]
    fn a_wrong_type_is_quoted_as_it_was_written() {
        let problems = parse("[retention]\ndays = \"seven\"").unwrap_err();
        assert_eq!(problems[0].sentence.args["found"], Gap::Text("\"seven\"".into()));
    }

    #[test]
    fn names_that_are_no_choice_are_refused_with_the_choices() {
        for key in ["schedule.manager", "http.auth", "tls.mode", "ui.language"] {
            for name in ["", "AUTO", "Password", "french", "fr "] {
                assert_eq!(bad(&format!("{key} = '{name}'")), [format!("1 {key} not_a_choice")]);
            }
        }
        let problems = parse("ui.language = 'de'").unwrap_err();
        assert_eq!(problems[0].sentence.args["choices"], Gap::Text("\"fr\", \"en\"".into()));
        assert_eq!(bad("schedule.at = '3:00'"), ["1 schedule.at time"]);
    }
}
