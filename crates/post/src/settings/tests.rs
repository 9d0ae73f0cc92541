use super::*;

const FROM: &str = "Tidings <week@paper.example>";

fn read(url: &str, password: Option<&str>) -> Result<(String, u16, Tls, bool), BadSetting> {
    let smtp = Smtp::read(url, FROM, password)?;
    Ok((
        smtp.host.clone(),
        smtp.port,
        smtp.tls,
        smtp.credentials.is_some(),
    ))
}

#[test]
fn a_relay_is_read_as_it_is_meant() {
    for (url, host, port, tls) in [
        ("smtps://mail.example", "mail.example", 465, Tls::Whole),
        ("smtp://mail.example", "mail.example", 587, Tls::Started),
        (
            "smtp://mail.example:2525/",
            "mail.example",
            2525,
            Tls::Started,
        ),
        ("smtp://127.0.0.1", "127.0.0.1", 25, Tls::None),
        ("smtp://localhost:1025", "localhost", 1025, Tls::None),
        ("smtp://[::1]:1025", "::1", 1025, Tls::None),
        ("smtp://[2001:db8::1]", "2001:db8::1", 587, Tls::Started),
        ("smtps://127.0.0.1", "127.0.0.1", 465, Tls::Whole),
    ] {
        assert_eq!(
            read(url, None),
            Ok((host.to_owned(), port, tls, false)),
            "{url}"
        );
    }
    let with = read("smtps://week@mail.example", Some("secret")).unwrap();
    assert!(with.3);
}

#[test]
fn what_is_no_relay_is_refused_without_repeating_it() {
    for url in [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:many",
        "smtps://a b",
        "smtps://mail.example/inbox",
    ] {
        assert_eq!(read(url, None), Err(RELAY), "{url}");
    }
    assert_eq!(
        read("smtps://week:secret@mail.example", None),
        Err(PASSWORD)
    );
    assert_eq!(read("smtps://week@mail.example", None), Err(NO_PASSWORD));
    for from in [
        "",
        "Tidings",
        "Tidings <week>",
        "a@b.example\r\nBcc: c@d.example",
    ] {
        let smtp = Smtp::read("smtps://mail.example", from, None);
        assert_eq!(smtp.map(|_| ()), Err(super::FROM), "{from:?}");
    }
}

#[test]
fn the_password_is_shown_nowhere() {
    let smtp = Smtp::read("smtps://week@mail.example", FROM, Some("hunter2")).unwrap();
    let shown = format!("{smtp:?}");
    assert!(
        shown.contains("week") && !shown.contains("hunter2"),
        "{shown}"
    );
}
