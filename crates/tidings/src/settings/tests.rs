use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    file
}

fn with_file(text: &str, mut args: ServeArgs) -> Result<Settings, Failure> {
    let file = file(text);
    args.place.config = Some(file.path().to_owned());
    Settings::of(args)
}

#[test]
fn nothing_said_is_the_usual() {
    let settings = Settings::of(ServeArgs::default()).expect("settings");
    assert_eq!(settings.listen, "127.0.0.1:8080");
    assert_eq!(settings.place.database, "tidings-data/tidings.db");
    assert!(settings.demo);
}

#[test]
fn a_flag_wins_over_the_file() {
    let args = ServeArgs {
        listen: Some("[::1]:1".to_owned()),
        ..ServeArgs::default()
    };
    let text = "listen = \"127.0.0.1:2\"\ndata = \"/srv/t\"\ndemo = false\n";
    let settings = with_file(text, args).expect("settings");
    assert_eq!(settings.listen, "[::1]:1");
    assert_eq!(settings.place.database, "/srv/t/tidings.db");
    assert!(!settings.demo);
}

#[test]
fn snapshots_are_as_often_as_was_said_and_not_said_is_none() {
    let settings = Settings::of(ServeArgs::default()).expect("settings");
    assert_eq!(settings.snapshot_every, None);
    let settings = with_file("snapshot_every = 50\n", ServeArgs::default());
    assert_eq!(settings.expect("settings").snapshot_every, Some(50));
    let args = ServeArgs {
        snapshot_every: Some(0),
        ..ServeArgs::default()
    };
    let settings = with_file("snapshot_every = 50\n", args).expect("settings");
    assert_eq!(settings.snapshot_every, Some(0));
}

#[test]
fn limits_are_set_name_by_name_and_a_flag_wins_over_the_file() {
    let args = ServeArgs {
        limits: vec!["orders=5".to_owned(), "streams=7".to_owned()],
        ..ServeArgs::default()
    };
    let text = "limits = [\"orders=1:2\", \"cancels=3:4\"]\n";
    let limits = with_file(text, args).expect("settings").limits;
    assert_eq!(limits.orders.to_string(), "5:10");
    assert_eq!(limits.cancels.to_string(), "3:4");
    assert_eq!(limits.reads, Limits::default().reads);
    assert_eq!(limits.streams, 7);
    let failure = with_file("limits = [\"order=1\"]\n", ServeArgs::default());
    let failure = failure.expect_err("refused").to_string();
    assert!(
        failure.contains("order") && failure.contains("cancels"),
        "{failure}"
    );
}

#[test]
fn a_server_that_asks_for_reviews_has_no_sample_newsroom() {
    let settings = Settings::of(ServeArgs::default()).expect("settings");
    assert_eq!(settings.review, ReviewOf::Asked);
    let settings = with_file("review = \"required\"\n", ServeArgs::default()).expect("settings");
    assert_eq!(
        (settings.review, settings.demo),
        (ReviewOf::Required, false)
    );
    let args = ServeArgs {
        review: Some(ReviewOf::Asked),
        ..ServeArgs::default()
    };
    let settings = with_file("review = \"required\"\n", args).expect("settings");
    assert_eq!((settings.review, settings.demo), (ReviewOf::Asked, true));
    let args = ServeArgs {
        review: Some(ReviewOf::Required),
        demo: Some(true),
        ..ServeArgs::default()
    };
    let failure = Settings::of(args).expect_err("refused").to_string();
    assert!(failure.contains("--no-demo"), "{failure}");
    let failure = with_file("review = \"always\"\n", ServeArgs::default());
    assert!(failure.expect_err("refused").to_string().contains("always"));
}

#[test]
fn no_demo_wins_over_a_demo_that_the_environment_asks_for() {
    let args = ServeArgs {
        demo: Some(true),
        no_demo: true,
        ..ServeArgs::default()
    };
    assert!(!Settings::of(args).expect("settings").demo);
}

#[test]
fn a_misspelt_setting_is_named() {
    let failure = with_file("listne = \"x\"", ServeArgs::default()).expect_err("refused");
    assert!(failure.to_string().contains("listne"), "{failure}");
}

fn place(url: &str) -> Result<Place, Failure> {
    Place::of(PlaceArgs {
        database: Some(url.to_owned()),
        ..PlaceArgs::default()
    })
}

#[test]
fn other_databases_are_refused_without_repeating_them() {
    let failure = place("mysql://me:secret@localhost/x").expect_err("refused");
    let failure = failure.to_string();
    assert!(
        failure.contains("SQLite") && !failure.contains("secret"),
        "{failure}"
    );
}

#[test]
fn a_password_is_never_shown() {
    for (url, shown) in [
        (
            "postgres://me:secret@db.example:5432/tidings",
            "postgres://me@db.example:5432/tidings",
        ),
        (
            "postgresql://me@db/tidings?password=secret",
            "postgresql://me@db/tidings",
        ),
        (
            "postgres://me:se/cr@secret@db/tidings",
            "postgres://me@db/tidings",
        ),
        ("postgres://me:se?secret@db/tidings", "postgres://…"),
        ("postgres://me@db/tidings?password=@secret", "postgres://…"),
        ("postgres://db/tidings", "postgres://db/tidings"),
        ("sqlite:/srv/tidings.db", "sqlite:/srv/tidings.db"),
    ] {
        let place = place(url).expect("a place");
        assert_eq!(place.shown(), shown);
        assert_eq!(place.file().is_some(), url.starts_with("sqlite"));
        assert!(
            !format!("{} {place:?}", place.shown()).contains("secret"),
            "{url}"
        );
    }
}

#[test]
fn a_short_admin_key_is_refused() {
    let args = ServeArgs {
        admin_key: Some("secret".to_owned()),
        ..ServeArgs::default()
    };
    assert!(Settings::of(args).is_err());
}

#[test]
fn mail_takes_a_relay_and_a_sender() {
    let none = Settings::of(ServeArgs::default()).expect("settings");
    assert!(none.smtp.is_none());
    let both = "smtp = \"smtp://127.0.0.1:25\"\nmail_from = \"week@paper.example\"\n";
    let settings = with_file(both, ServeArgs::default()).expect("settings");
    assert!(settings.smtp.is_some());
    for one in [
        "smtp = \"smtp://127.0.0.1:25\"\n",
        "mail_from = \"week@paper.example\"\n",
    ] {
        assert!(with_file(one, ServeArgs::default()).is_err(), "{one}");
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("ca.pem");
    let trusting = |lines: &str| {
        let lines = format!("{lines}smtp_ca = {:?}\n", file.to_str().expect("a path"));
        with_file(&lines, ServeArgs::default()).map(|settings| settings.smtp.is_some())
    };
    for wrong in [None, Some("")] {
        if let Some(text) = wrong {
            std::fs::write(&file, text).expect("a file");
        }
        let refused = trusting(both).expect_err("no certificate");
        assert!(refused.to_string().contains("ca.pem"), "{refused}");
    }
    let begun = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    std::fs::write(&file, begun).expect("a file");
    assert!(trusting(both).is_err());
    assert!(trusting("").is_err(), "an authority without a relay");
    let user = "smtp = \"smtps://week@mail.example\"\nmail_from = \"week@paper.example\"\n";
    let refused = with_file(user, ServeArgs::default()).expect_err("no password");
    assert!(
        refused.to_string().contains("TIDINGS_SMTP_PASSWORD"),
        "{refused}"
    );
    let mut args = ServeArgs::default();
    args.mail.smtp_password = Some("secret".to_owned());
    let settings = with_file(user, args).expect("settings");
    assert!(!format!("{settings:?}").contains("secret"));
}
