//! Statements are kept for their next use, and named in errors.

use crate::statement::{Prepared, Sql, Statements};

const ONE: &str = "SELECT 1";
const TWO: &str = "SELECT 2";

fn number(statement: &mut Prepared<'_, '_>) -> i64 {
    statement.query_row([], |row| row.get(0)).unwrap()
}

#[test]
fn a_statement_rests_until_its_next_use() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let statements = Statements::of(&db);
    let resting = || statements.resting.borrow().iter().map(|s| s.sql).collect::<Vec<_>>();
    for _ in 0..2 {
        assert_eq!(number(&mut statements.prepare(ONE, "test").unwrap()), 1);
        assert_eq!(resting(), [ONE]);
    }
    let (mut one, mut two) =
        (statements.prepare(ONE, "test").unwrap(), statements.prepare(TWO, "test").unwrap());
    assert_eq!(resting(), [""; 0], "both are in use");
    assert_eq!((number(&mut one), number(&mut two)), (1, 2));
    assert_eq!(number(&mut statements.prepare(ONE, "test").unwrap()), 1, "a second one");
    drop((one, two));
    assert_eq!(resting(), [ONE, ONE, TWO]);
}

#[test]
fn a_text_put_together_for_one_use_is_not_kept() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let statements = Statements::of(&db);
    for n in 1..4 {
        let text = format!("SELECT {n}");
        assert_eq!(number(&mut statements.prepare(&text, "test").unwrap()), n);
    }
    assert!(statements.resting.borrow().is_empty());
}

#[test]
fn errors_show_a_statement_by_its_text() {
    let composed = format!("SELECT {}", 3);
    assert_eq!(Sql::from(ONE).to_string(), ONE);
    assert_eq!(Sql::from(&composed).to_string(), composed);
}
