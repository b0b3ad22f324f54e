//! Paths, matching by id and by place, and that no planted secret comes out.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::super::tests::{any_json, counts, diff, mask, told};
use super::super::view;
use super::*;
use crate::model::Form;

fn tell(before: &Value, after: &Value) -> Vec<String> {
    told(&diff(Form::Json, before.to_string(), after.to_string()))
}

#[test]
fn a_value_is_told_with_its_path() {
    let before = json!({"club": {"name": "Nantes", "size": 1, "old": null}, "é": [1]});
    let after = json!({"é": [2], "club": {"size": "1", "name": "Nantes", "odd key": true, "9": {}}});
    assert_eq!(
        tell(&before, &after),
        [
            "~club.size 1 -> \"1\"",
            "-club.old null",
            "+club[\"odd key\"] true",
            "+club[\"9\"] {}",
            "~é[0] 1 -> 2"
        ]
    );
    assert_eq!(tell(&json!(1), &json!([])), ["~. 1 -> []"]);
    assert_eq!(tell(&json!({"": 1}), &json!({"": 2})), ["~[\"\"] 1 -> 2"]);
}

#[test]
fn the_order_of_keys_and_white_space_do_not_matter() {
    let same = diff(Form::Json, r#"{"a":1,"b":{"c":2,"d":3}}"#, "{ \"b\" : {\"d\":3,\n\"c\":2}, \"a\":1 }\n");
    assert_eq!((same.state, counts(&same)), (DiffState::Same, (0, 0, 0)));
}

#[test]
fn elements_with_ids_are_matched_by_them() {
    let before = json!({"s": [{"id": 1, "n": "a"}, {"id": "2", "n": "b"}, {"id": "x y", "n": "c"}]});
    let after = json!({"s": [{"id": "x y", "n": "C"}, {"id": 3}, {"id": 1, "n": "A"}]});
    assert_eq!(
        tell(&before, &after),
        [
            "~s[id=1].n \"a\" -> \"A\"",
            "-s[id=\"2\"] {\"id\":\"2\",\"n\":\"b\"}",
            "~s[id=\"x y\"].n \"c\" -> \"C\"",
            "+s[id=3] {\"id\":3}",
            "~s [1,\"x y\"] -> [\"x y\",1]",
        ]
    );
    assert_eq!(tell(&json!([]), &json!([{"id": "a-b"}])), ["+[id=a-b] {\"id\":\"a-b\"}"]);
}

#[test]
fn ids_that_are_not_distinct_or_no_scalars_match_nothing() {
    for id in [json!(1), json!(null), json!([])] {
        let before = json!([{"id": 1, "n": 1}, {"id": id, "n": 2}]);
        let after = json!([{"id": 1, "n": 1}, {"id": id, "n": 3}]);
        assert_eq!(tell(&before, &after), ["~[1].n 2 -> 3"]);
    }
}

#[test]
fn an_insertion_among_many_is_one_addition() {
    let before: Vec<_> = (0..500).collect();
    let mut after = before.clone();
    after.insert(250, 9999);
    assert_eq!(tell(&json!(before), &json!(after)), ["+[250] 9999"]);
    assert_eq!(tell(&json!(after), &json!(before)), ["-[250] 9999"]);
    assert_eq!(tell(&json!([1, 1]), &json!([1, 1, 1])), ["+[2] 1"]);
}

#[test]
fn a_subtree_is_one_setting_and_cut_on_a_character() {
    let tree = json!({"name": "é".repeat(100), "more": [1, 2, 3]});
    let told = diff(Form::Json, "{}", json!({"s": tree}).to_string());
    assert_eq!(told.added, 1);
    let value = told.changes[0].after.as_ref().unwrap();
    assert!(value.starts_with("{\"name\":\"éé") && value.ends_with("é…"), "{value}");
    assert_eq!(value.chars().count(), 81);
}

#[test]
fn what_is_no_json_or_nests_too_deep_is_unreadable_unless_it_is_the_same() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for bad in ["", "{", "[1,]", "\u{feff}{}", "{} {}", &deep] {
        let diff = diff(Form::Json, "{}", bad);
        assert_eq!((diff.state, counts(&diff)), (DiffState::Unreadable, (0, 0, 0)), "{bad}");
        assert_eq!(
            super::super::compare(
                "m",
                Form::Json,
                Some(&mut bad.as_bytes()),
                Some(&mut bad.as_bytes()),
                &mask()
            )
            .unwrap()
            .state,
            DiffState::Same
        );
    }
}

#[test]
fn a_secret_is_masked_at_its_key_and_below_it_and_its_change_is_said() {
    let before =
        json!({"password": "one", "tokens": {"a": [1, {"id": "one", "x": 1}]}, "u": "http://u:one@h"});
    let after = json!({"password": "two", "tokens": {"a": [2, {"id": "two"}]}, "u": "http://u:two@h"});
    assert_eq!(
        tell(&before, &after),
        [
            "~password •••••• -> ••••••",
            "~tokens.a[0] •••••• -> ••••••",
            "~tokens.a[1].id •••••• -> ••••••",
            "-tokens.a[1].x ••••••",
            "~u \"http://••••••@h\" -> \"http://••••••@h\"",
        ]
    );
}

#[test]
fn ids_below_a_hidden_key_are_masked_in_the_path_and_in_the_order() {
    let before = json!({"tokens": [{"id": "one", "n": 1}, {"id": "two"}, {"id": "three"}]});
    let after = json!({"tokens": [{"id": "two"}, {"id": "one", "n": 2}]});
    assert_eq!(
        tell(&before, &after),
        ["~tokens[id=••••••].n •••••• -> ••••••", "-tokens[id=••••••] ••••••", "~tokens •••••• -> ••••••",]
    );
}

#[test]
fn the_userinfo_of_an_id_that_is_a_url_is_masked_in_the_path() {
    let of = |n: i32| json!([{"id": "https://u:one@h", "n": n}]);
    assert_eq!(tell(&of(1), &of(2)), ["~[id=\"https://••••••@h\"].n 1 -> 2"]);
}

#[test]
fn a_subtree_is_masked_inside() {
    let after = json!({"s": {"name": "n", "password": ["one", {"x": 2}], "url": "ftp://u:p@h"}});
    assert_eq!(
        tell(&json!({}), &after),
        ["+s {\"name\":\"n\",\"password\":[\"••••••\",{\"x\":\"••••••\"}],\"url\":\"ftp://••••••@h\"}"]
    );
}

#[test]
fn keys_and_ids_of_megabytes_are_not_shown() {
    let long = "k".repeat(1 << 20);
    let told = tell(&json!({}), &json!({&long: 1}));
    assert_eq!(told, ["+[\"…\"] 1"]);
    assert_eq!(tell(&json!([{"id": long, "n": 1}]), &json!([{"id": long, "n": 2}])), ["~[id=…].n 1 -> 2"]);
    let deep = (0..100).fold(json!(1), |inner, _| json!({"k".repeat(100): inner}));
    let other = (0..100).fold(json!(2), |inner, _| json!({"k".repeat(100): inner}));
    assert_eq!(tell(&deep, &other)[0].chars().count(), "~".len() + 1001 + " 1 -> 2".len());
}

/// The same JSON with secrets at some of its places: under hidden keys, and in URLs.
fn planted(value: &Value, secret: &str) -> Value {
    match value {
        Value::Array(values) => values.iter().map(|value| planted(value, secret)).collect(),
        Value::Object(map) => {
            let mut planted_map: Map<_, _> =
                map.iter().map(|(key, value)| (key.clone(), planted(value, secret))).collect();
            let list = json!([secret, {"id": secret, "deep": {"x": [secret]}}]);
            planted_map.insert("apiTOKEN".to_owned(), list);
            planted_map.insert("b".to_owned(), json!({"my password": map, "secrets": {"a": secret}}));
            planted_map.insert("c".to_owned(), format!("x https://u:{secret}@h/?token={secret}").into());
            planted_map.insert(format!("https://u:{secret}@h"), json!([[{"Secret_x": {"k": secret}}]]));
            Value::Object(planted_map)
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn no_planted_secret_comes_out(
        a in any_json(), b in any_json(), secret in "zq[zq0-9/@:!$]{6,12}", other in "zq[zq0-9]{6,12}", wrap: bool,
    ) {
        let (mut before, mut after) = (planted(&json!({"a": a}), &secret), planted(&json!({"a": b}), &other));
        if wrap {
            // Whole subtrees that are added and removed.
            (before, after) = (json!({"x": before}), json!({"y": [after]}));
        }
        for (before, after) in [(&before, &after), (&after, &before), (&json!({}), &before)] {
            let told = serde_json::to_string(&diff(Form::Json, before.to_string(), after.to_string())).unwrap();
            prop_assert!(!told.contains("zq"), "{}", told);
            let shown = view(Form::Json, &mut after.to_string().as_bytes(), &mask()).unwrap().unwrap();
            prop_assert!(!shown.contains("zq"), "{}", shown);
        }
    }
}
