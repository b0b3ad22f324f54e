//! Which texts are secrets.

use super::*;

fn mask() -> Mask {
    Mask::new(&["PassWord".to_owned(), "token".to_owned(), String::new()])
}

#[test]
fn a_key_is_hidden_that_holds_a_word_in_whatever_capitals() {
    for key in ["password", "DB_PASSWORD_2", "apiToken", "x.token"] {
        assert!(mask().hides(key), "{key}");
    }
    for key in ["", "name", "pass", "tok en"] {
        assert!(!mask().hides(key), "{key}");
    }
    assert!(!Mask::new(&[]).hides("password"));
}

#[test]
fn what_a_text_holds_of_secrets_is_masked() {
    let cases = [
        ("https://user:pass@host/path", "https://••••••@host/path"),
        ("see https://u:p@h and ftp://v@i/x", "see https://••••••@h and ftp://••••••@i/x"),
        ("postgres://u:p/a@s?s@host/db", "postgres://••••••@host/db"),
        ("https://u:with space\"@host", "https://••••••@host"),
        ("\"https://u:with space@host\"", "\"https://••••••@host\""),
        ("amqp://a:b@c,amqp://d:e@f", "amqp://••••••@f"),
        ("https://host/a", "https://host/a"),
        ("https://host/?a=1&token=xyz&b=2", "https://host/?a=1&token=••••••&b=2"),
        ("run --password=xyz -v", "run --password=•••••• -v"),
        ("--password='x y z' -v", "--password='••••••' -v"),
        (r#"{"a":"b","token":"xyz"}"#, r#"{"a":"b","token":"••••••"}"#),
        (r#"{\"token\": \"xyz\"}"#, r#"{\"token\": \"••••••"}"#),
        ("X-Token: Bearer xyz", "X-Token: ••••••"),
        ("token=", "token="),
        ("the password is said", "the password is said"),
        ("-----BEGIN EC PRIVATE KEY-----\nxyz", "••••••"),
        ("mail@host, é=ü", "mail@host, é=ü"),
    ];
    for (text, expected) in cases {
        assert_eq!(mask().text(text), expected);
    }
}

#[test]
fn long_rows_of_marks_take_no_long_time() {
    for marks in ["://", "@", "=", "token=", ":", "\"", "a://@", "token:\""] {
        let text = marks.repeat(1 << 18);
        assert!(!mask().text(&text).is_empty());
    }
}
