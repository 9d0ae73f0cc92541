use super::*;

fn cast() -> Cast {
    let member = |part: Part| Member {
        part,
        account: format!("acc_{}", part.word()),
        key: format!("tdg_{}", part.word()),
        sign_in: part.signs_in().then(|| SignIn {
            name: part.word().to_owned(),
            password: "a quiet harbour".to_owned(),
        }),
    };
    Cast {
        started: 1_790_000_000_000_000,
        members: Part::ALL.map(member).to_vec(),
    }
}

#[test]
fn what_is_written_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys");
    assert_eq!(Cast::read(&path).expect("read"), None);
    cast().write(&path).expect("written");
    assert_eq!(Cast::read(&path).expect("read"), Some(cast()));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys");
    cast().write(&path).expect("written");
    let mode = std::fs::metadata(&path)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn another_file_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys");
    std::fs::write(&path, "{}").expect("written");
    assert!(Cast::read(&path).is_err());
}
