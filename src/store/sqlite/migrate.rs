//! The shape of the database, as steps that lead from each released shape to the newest; a step is one
//! transaction, so a database is always at a whole step.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// What `PRAGMA application_id` says of our files: "MSTR".
const APPLICATION_ID: i32 = 0x4D53_5452;

/// Step n leads from `user_version` n to n + 1. A released step is never changed.
///
/// The triggers keep accidents out; what gets past them (they can be dropped) breaks the hash chain.
pub(super) const STEPS: &[&str] = &["
    CREATE TABLE events (
        project  TEXT    NOT NULL,
        version  INTEGER NOT NULL CHECK (version > 0),
        at_ms    INTEGER NOT NULL,
        kind     TEXT    NOT NULL,
        document TEXT    NOT NULL,
        hash     TEXT    NOT NULL,
        UNIQUE (project, version)
    ) STRICT;
    CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
    CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
"];

/// Brings the database to the newest shape; refuses one that is newer still, or not ours.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let mut step = check(connection)?;
    while let Some(sql) = STEPS.get(step) {
        take(connection, sql, step + 1).map_err(|error| {
            StoreError::Unopened(format!(
                "the database could not be brought from form {step} to form {}: {error}",
                step + 1
            ))
        })?;
        step += 1;
    }
    Ok(())
}

/// What a database file is to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Ours, at this step; 0 is an empty file.
    Ours(usize),
    /// Ours, of a newer release.
    Newer(i64),
    /// Another program's.
    Foreign,
}

/// What the database is, whatever this program makes of it.
pub(super) fn form(connection: &Connection) -> rusqlite::Result<Form> {
    let (application, version, entries) = identify(connection)?;
    if application != APPLICATION_ID && (application != 0 || version != 0 || entries != 0) {
        return Ok(Form::Foreign);
    }
    Ok(match usize::try_from(version) {
        Ok(step) if step <= STEPS.len() => Form::Ours(step),
        _ => Form::Newer(version),
    })
}

/// The step the database is at; refuses what this program cannot read.
pub(super) fn check(connection: &Connection) -> Result<usize, StoreError> {
    let form = form(connection).map_err(|error| {
        StoreError::Unopened(format!(
            "the database cannot be read: {error}; if it is damaged, restore a backup"
        ))
    })?;
    match form {
        Form::Ours(step) => Ok(step),
        Form::Foreign => Err(StoreError::Unopened(
            "the data directory's muster.db is another program's database; choose another data \
             directory with --data-dir"
                .to_owned(),
        )),
        Form::Newer(version) => Err(StoreError::Unopened(format!(
            "the database has form {version}, written by a newer release (this one reads up to {}); \
             start that release, or restore a backup from before the upgrade",
            STEPS.len()
        ))),
    }
}

/// The application id, the form, and how many tables and the like there are.
fn identify(connection: &Connection) -> rusqlite::Result<(i32, i64, i64)> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version = number("PRAGMA user_version")?;
    let entries = number("SELECT COUNT(*) FROM sqlite_schema")?;
    Ok((application, version, entries))
}

fn take(connection: &mut Connection, sql: &str, reached: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {reached};"
    ))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database as the first `steps` steps leave it.
    fn database_at(steps: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        for (step, sql) in STEPS[..steps].iter().enumerate() {
            take(&mut connection, sql, step + 1).unwrap();
        }
        connection
    }

    fn shape(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }

    fn refusal(sql: &str) -> String {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        migrate(&mut connection).unwrap_err().to_string()
    }

    #[test]
    fn every_older_form_is_brought_to_the_newest() {
        let newest = shape(&database_at(STEPS.len()));
        for steps in 0..=STEPS.len() {
            let mut connection = database_at(steps);

            migrate(&mut connection).unwrap();

            assert_eq!(check(&connection).unwrap(), STEPS.len());
            assert_eq!(shape(&connection), newest, "from form {steps}");
        }
    }

    #[test]
    fn the_first_step_gives_the_events_table_and_its_guards() {
        let connection = database_at(1);

        let names = shape(&connection).join("\n");

        assert!(names.contains("CREATE TABLE events"), "{names}");
        assert!(names.contains("BEFORE UPDATE") && names.contains("BEFORE DELETE"));
        assert_eq!(check(&connection).unwrap(), 1);
    }

    #[test]
    fn a_failing_step_leaves_the_form_before_it() {
        let mut connection = database_at(0);

        take(
            &mut connection,
            "CREATE TABLE half (x); CREATE TABLE half (x);",
            1,
        )
        .unwrap_err();

        assert_eq!(check(&connection).unwrap(), 0);
        assert!(shape(&connection).is_empty());
    }

    #[test]
    fn a_newer_form_is_refused() {
        let refused = refusal(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99;"
        ));
        assert!(refused.contains("form 99"), "{refused}");
        assert!(refused.contains("newer release"), "{refused}");
    }

    #[test]
    fn another_programs_database_is_refused() {
        for sql in ["CREATE TABLE theirs (x)", "PRAGMA application_id = 7"] {
            let refused = refusal(sql);
            assert!(refused.contains("another program's"), "{refused}");
        }
    }
}
