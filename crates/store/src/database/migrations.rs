//! The tables, and how a database comes to have them.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

use crate::error::StoreError;

/// A migration: its number, its name, and what it does.
type Step = (i64, &'static str, &'static str);

/// Embedded without the driver's macro, which would build every database's driver to do it.
macro_rules! step {
    ($database:literal, $number:literal, $file:literal) => {
        (
            $number,
            $file,
            include_str!(concat!(
                "../../../../migrations/",
                $database,
                "/",
                $file,
                ".sql"
            )),
        )
    };
}

/// What must survive.
pub(super) const SQLITE_MAIN: &[Step] = &[
    step!("sqlite", 1, "0001_journal"),
    step!("sqlite", 3, "0003_articles"),
    step!("sqlite", 5, "0005_newsroom"),
    step!("sqlite", 6, "0006_followed"),
    step!("sqlite", 7, "0007_outgoing"),
    step!("sqlite", 8, "0008_console"),
    step!("sqlite", 10, "0010_passkeys"),
    step!("sqlite", 11, "0011_labels"),
];

/// What can be made again.
pub(super) const SQLITE_DERIVED: &[Step] = &[
    step!("sqlite", 2, "0002_history"),
    step!("sqlite", 4, "0004_snapshots"),
    step!("sqlite", 9, "0009_ends"),
];

/// All of it, in one place.
pub(super) const POSTGRES: &[Step] = &[
    step!("postgres", 1, "0001_journal"),
    step!("postgres", 2, "0002_history"),
    step!("postgres", 3, "0003_articles"),
    step!("postgres", 4, "0004_snapshots"),
    step!("postgres", 5, "0005_newsroom"),
    step!("postgres", 6, "0006_followed"),
    step!("postgres", 7, "0007_outgoing"),
    step!("postgres", 8, "0008_console"),
    step!("postgres", 9, "0009_ends"),
    step!("postgres", 10, "0010_passkeys"),
    step!("postgres", 11, "0011_labels"),
];

/// The newest migration of all.
const NEWEST: i64 = 10;

/// Brings a database to this version's form.
pub(super) async fn migrate<C: Migrate>(
    steps: &[Step],
    connection: &mut C,
) -> Result<(), StoreError> {
    let migrations = steps.iter().map(|(number, name, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(*number, (*name).into(), kind, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    let migrated = migrator.run_direct(None, connection, false).await;
    migrated.map_err(|error| match error {
        MigrateError::VersionMissing(number) if number > NEWEST => StoreError::Later,
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
            StoreError::Unreleased
        }
        error => StoreError::Migrate(error.into()),
    })
}
