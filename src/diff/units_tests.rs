//! Where a value of a settings file ends, and what is hidden with it.

use super::super::line::unquoted;
use super::super::tests::mask;
use super::*;

/// Each unit in one line; `*` before it where it is hidden.
fn tell(text: &str) -> Vec<String> {
    let star = |hidden: bool| if hidden { "*" } else { "" };
    units(&text_of(text.as_bytes()), &mask())
        .map(|unit| match unit {
            Unit::Plain(text) => format!("plain {text}"),
            Unit::Comment { text, hidden } => format!("{}comment {text}", star(hidden)),
            Unit::Line { text, hidden } => format!("{}line {text}", star(hidden)),
            Unit::Setting { key, value, hidden, .. } => {
                format!("{}{key} is {}", star(hidden), unquoted(value).replace('\n', "|"))
            }
        })
        .collect()
}

#[test]
fn the_forms_of_a_setting_are_read() {
    for (line, told) in [
        ("A=1", "A is 1"),
        ("  A = 1  ", "A is 1"),
        ("export A=1", "A is 1"),
        ("export\tA='1'", "A is 1"),
        ("export=1", "export is 1"),
        ("A=\"1 2\"", "A is 1 2"),
        ("A='1' # note", "A is 1"),
        ("A=1 # note", "A is 1 # note"),
        ("A='1'2", "A is '1'2"),
        ("A=\"a\\\"b\"", "A is a\\\"b"),
        ("A=l'été", "A is l'été"),
        ("A=", "A is "),
        ("A==", "A is ="),
        ("a.b-c[0]=1", "a.b-c[0] is 1"),
        ("# A=1", "comment # A=1"),
        ("; A=1", "comment ; A=1"),
        (" ", "plain  "),
        ("=1", "line =1"),
        ("curl -H x=1", "line curl -H x=1"),
        ("\u{feff}A=1", "A is 1"),
    ] {
        assert_eq!(tell(line), [told], "{line}");
    }
}

#[test]
fn sections_prefix_their_keys() {
    assert_eq!(
        tell("A=1\n[one]\r\nA=2\r\n[ two ] # note\rA=3"),
        ["A is 1", "plain [one]", "one.A is 2", "plain [ two ] # note", "two.A is 3"]
    );
    assert_eq!(
        tell("[my tokens]\na=1\n[other]\na=1")[1..],
        ["*my tokens.a is 1", "plain [other]", "other.a is 1"]
    );
}

#[test]
fn a_quoted_value_goes_on_to_its_closing_quote() {
    assert_eq!(tell("A=\"1\n2=3\n# 4\n\n5\"\nB=6"), ["A is 1|2=3|# 4||5", "B is 6"]);
    assert_eq!(tell("A='1\n\"2'\nB=3"), ["A is 1|\"2", "B is 3"]);
    assert_eq!(tell("A=\"1\n\\\"\n2\" # note\nB=3"), ["A is 1|\\\"|2", "B is 3"]);
}

#[test]
fn a_quote_that_nothing_closes_is_an_apostrophe_or_hides_all_that_follows() {
    assert_eq!(tell("A='1\nB=2"), ["A is '1", "B is 2"]);
    assert_eq!(tell("TOKEN='1\nB=2\n[c]\nd=3"), ["*TOKEN is '1|B=2|[c]|d=3"]);
    assert_eq!(tell("A=\"x\",\nB=\"y\""), ["A is \"x\",", "B is y"]);
}

#[test]
fn what_may_belong_to_a_hidden_value_is_hidden_with_it() {
    for text in [
        "TOKEN=\"s1\ns2=s3\"",
        "TOKEN='s1\\'s2\ns3=s4'",
        "TOKEN=s1\\\ns2=s3",
        "TOKEN=s1\"s2\ns3\"",
        "TOKEN=s1\ns2+s3\n[s4",
        "token = s1\n  s2 = s3\n\t[s4]",
        "token=\n  s1",
        "TOKEN=-----BEGIN X-----\ns1==\ns2=\n-----END X-----",
        "A=-----BEGIN RSA PRIVATE KEY-----\ns1==\ns2=\n-----END RSA PRIVATE KEY-----",
        "A='\nTOKEN=s1\n'",
        "A='B\n  my_token: s1'",
        "A='\ntoken: s1\nx=s2'",
        "A='stray\nTOKEN='\ns1=s2\n'",
        "TOKEN=s1\\\nA='s2\ns3=s4'",
        "A=-----BEGIN RSA PRIVATE KEY-----\ns1+\ns2/",
        "TOKEN='stray\nsecret='\ns1=s2\n'",
    ] {
        let told = tell(&format!("B=1\n{text}\nC=2"));
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].starts_with('*') && told[2] == "C is 2", "{told:?}");
    }
    assert_eq!(
        tell("TOKEN=s\nA=1\n\nx\nTOKEN=s\n\nx"),
        ["*TOKEN is s", "A is 1", "plain ", "line x", "*TOKEN is s", "plain ", "line x"]
    );
}

#[test]
fn lines_and_comments_hide_what_may_be_their_second_half() {
    assert_eq!(tell("token: s1\ns2\nA=1\nx"), ["*line token: s1", "*line s2", "A is 1", "line x"]);
    assert_eq!(
        tell("# TOKEN=\"s1\n# s2\n#s3\"\n# x"),
        ["*comment # TOKEN=\"s1", "*comment # s2", "*comment #s3\"", "comment # x"]
    );
    assert_eq!(tell("# TOKEN='s1\nA=1\n# x"), ["*comment # TOKEN='s1", "A is 1", "comment # x"]);
    assert_eq!(tell("# the token\ns1\n# x"), ["*comment # the token", "*line s1", "comment # x"]);
    assert_eq!(
        tell("; -----BEGIN PRIVATE KEY-----\n; s1\n; -----END PRIVATE KEY-----\n; x")[1..],
        ["*comment ; s1", "*comment ; -----END PRIVATE KEY-----", "comment ; x"]
    );
}

#[test]
fn a_block_whose_end_is_missing_hides_no_more_than_its_lines() {
    assert_eq!(tell("A=-----BEGIN CERTIFICATE-----\nB=1")[1], "B is 1");
}

#[test]
fn quotes_that_nothing_closes_take_no_long_time() {
    for line in
        ["A=\"x\n", "A='x\n", "A=-----BEGIN \n", "TOKEN=\\\n", "TOKEN=\\\nA=\"\\\n", "# token=\"\n", "[a=\n"]
    {
        assert!(units(&line.repeat(1 << 16), &mask()).count() > 0, "{line}");
    }
}
