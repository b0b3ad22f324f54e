//! What people see of a member, and that no planted secret is in it.

use proptest::prelude::*;

use super::super::tests::{diff, mask};
use super::*;

fn shown(form: Form, text: &str) -> Option<String> {
    view(form, &mut text.as_bytes(), &mask()).unwrap()
}

#[test]
fn json_is_indented_in_its_order_with_masked_values() {
    let text = r#"{"b":1,"a":{"token":{"x":["one",2,null,{}]},"u":"http://u:one@h","n":"é\u007f\u001b"}}"#;
    let expected = r#"{
  "b": 1,
  "a": {
    "token": {
      "x": [
        "••••••",
        "••••••",
        "••••••",
        {}
      ]
    },
    "u": "http://••••••@h",
    "n": "é\u007f\u001b"
  }
}"#;
    assert_eq!(shown(Form::Json, text).unwrap(), expected);
    assert_eq!(shown(Form::Json, "{"), None);
}

#[test]
fn json_that_indentation_makes_too_long_is_not_shown() {
    let deep = format!("{}{}{}", "[".repeat(100), "0,".repeat(200_000), "0".to_owned() + &"]".repeat(100));
    assert_eq!(shown(Form::Json, &deep), None);
}

#[test]
fn settings_are_shown_as_they_are_with_masked_values() {
    let text = "# a note\n\nexport A = 'x'  # y\n[s]\n  TOKEN = 'one\n two'\nB=\"1\n2\"\n# token one\n\
                U=http://u:one@h # z\nno setting\nsecret one\nC=x # password: one\r\nD=\ty\u{7}";
    let expected = "# a note\n\nexport A = 'x'  # y\n[s]\n  TOKEN = ••••••\nB=\"1\n2\"\n# ••••••\n\
                    U=http://••••••@h # z\nno setting\n••••••\nC=x # ••••••\nD=\\ty\\u0007\n";
    assert_eq!(shown(Form::Settings, text).unwrap(), expected);
}

#[test]
fn an_inventory_is_shown_in_words() {
    let text = "# root: /v\n1258291\t2024-12-18T02:00:00Z\ta\\nb.mp4\n";
    let expected = "    1.2 MB  2024-12-18T02:00:00Z  a\\nb.mp4\n";
    assert_eq!(shown(Form::Inventory, text).unwrap(), expected);
    assert_eq!(shown(Form::Inventory, "total 12K\n"), None);
}

/// A piece of a settings file that holds the secret `S` where a mask finds it, and what
/// can stand around it.
fn piece() -> impl Strategy<Value = String> {
    let secret = [
        "TOKEN=S",
        "export my_Password = 'S'",
        "token=\"S\nS=S\nS\"",
        "secret='S\n\n# S\nS'",
        "[x]\nTOKEN=S # S",
        "[tokens]\na=S\nb='S\nS'\n[y]",
        "# password S",
        ";token=\"S\n# S\n# S\"",
        "U=https://u:S@h/S@h",
        "my token: S\n+S",
        "--secret=S",
        "V='a https://S:S@h'",
        "X=a --token=S",
        "A=x # token S",
        "token=S\\\nS\\\nS=S",
        "CONF='\ntoken: S\n+S'",
        "token='\nS=S\n'",
        "go https://u:S@h now",
        "[https://u:S@h]\nq=1\n[z]",
        "Y=\"-----BEGIN PRIVATE KEY-----\nS==\n-----END PRIVATE KEY-----\"",
        "# https://u:S@h",
        "secret =\n  S = S\n  S",
        "TOKEN=\u{e9}\u{7}'S",
        "curl -H 'token: S' https://x?a=b",
    ];
    let plain =
        ["A=1", "B='two\nlines'", "# note", "", "[s]", "C=l'été", "D='open", "E=\"open", "word", "F=a\\"];
    prop_oneof![
        3 => prop::sample::select(secret.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(plain.to_vec()).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn no_planted_secret_of_settings_comes_out(
        before in prop::collection::vec(piece(), 0..6), after in prop::collection::vec(piece(), 0..6),
        secret in "zq[a-z0-9+/=@:!$]{4,9}", crlf: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text = |pieces: &[String]| pieces.join("\n").replace('S', &secret).replace('\n', end);
        let (before, after) = (text(&before), text(&after));
        let told = serde_json::to_string(&diff(Form::Settings, &before, &after)).unwrap();
        prop_assert!(!told.contains("zq"), "{}", told);
        let shown = shown(Form::Settings, &after).unwrap();
        prop_assert!(!shown.contains("zq"), "{}\n---\n{}", after, shown);
    }
}
