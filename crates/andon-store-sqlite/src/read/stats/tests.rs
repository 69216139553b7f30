//! What a count reads.

use super::BY_STATUS;
use crate::schema;
use rusqlite::Connection;

#[test]
fn tasks_are_counted_in_an_index_and_stay_unread() {
    let db = Connection::open_in_memory().unwrap();
    schema::apply(&db).unwrap();
    let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {BY_STATUS}")).unwrap();
    let steps = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    assert_eq!(steps, ["SCAN tasks USING COVERING INDEX idx_tasks_status"]);
}
