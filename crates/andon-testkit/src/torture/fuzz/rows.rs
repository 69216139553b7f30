//! Reads bytes as changes that another program makes to the rows of a board.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql};

/// Changes made by one input. More would only cover each other.
const CHANGES_MAX: usize = 12;

/// Tables that other programs write.
const TABLES: &[&str] = &[
    "tasks",
    "task_links",
    "task_comments",
    "task_events",
    "task_runs",
    "andon_tasks",
    "andon_runs",
];

/// Integers at which something wraps or ends, and ids that there are.
const INTEGERS: &[i64] =
    &[0, 1, 2, 3, -1, 75, i32::MAX as i64, i32::MAX as i64 + 1, i64::MAX, i64::MIN, 1_700_000_000];

/// Texts that mean something somewhere.
const TEXTS: &[&str] = &[
    "",
    " ",
    "ready",
    "running",
    "done",
    "todo",
    "archived",
    "blocked",
    "scheduled",
    "review",
    "scratch",
    "dir",
    "worktree",
    "t_00000001",
    "../../etc",
    "{}",
    "[]",
    "[\"a\"]",
    "null",
    "completed",
    "crashed",
    "host:1:2",
    "\u{1b}[31m",
    "needs_input",
    "dependency",
    "-5",
    "1e999",
];

/// Bytes taken from the front.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn many(&mut self) -> Vec<u8> {
        let length = self.take().min(self.0.len());
        let (front, rest) = self.0.split_at(length);
        self.0 = rest;
        front.to_vec()
    }

    fn value(&mut self) -> Cell {
        match self.take() % 7 {
            0 => Cell::Typed(Value::Null),
            1 => Cell::Typed(Value::Integer(INTEGERS[self.take() % INTEGERS.len()])),
            2 => Cell::Typed(Value::Real([0.0, -1.5, 1e300, f64::INFINITY][self.take() % 4])),
            3 => Cell::Typed(Value::Text(TEXTS[self.take() % TEXTS.len()].to_owned())),
            4 => Cell::Typed(Value::Blob(self.many())),
            5 => Cell::Text(self.many()),
            _ => {
                let mut number = [0; 8];
                number.iter_mut().for_each(|byte| *byte = self.take().to_le_bytes()[0]);
                Cell::Typed(Value::Integer(i64::from_le_bytes(number)))
            }
        }
    }
}

/// A value of any kind; text may be no Unicode.
enum Cell {
    Typed(Value),
    Text(Vec<u8>),
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Typed(value) => value.to_sql(),
            Self::Text(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(bytes))),
        }
    }
}

/// Makes the changes. What SQLite refuses is not made: no other program could have made it either.
pub(super) fn change(board: &Connection, input: &[u8]) {
    let mut bytes = Bytes(input);
    for _ in 0..CHANGES_MAX {
        if bytes.0.is_empty() {
            return;
        }
        let table = TABLES[bytes.take() % TABLES.len()];
        let Some(columns) = columns(board, table) else { continue };
        let column = &columns[bytes.take() % columns.len()];
        let nth = i64::try_from(bytes.take()).unwrap_or(0);
        let row = format!(
            "rowid = (SELECT rowid FROM {table} LIMIT 1 OFFSET {nth} % (SELECT count(*) FROM {table}))"
        );
        let value = bytes.value();
        let _refused = match bytes.take() % 8 {
            0 => board.execute(&format!("DELETE FROM {table} WHERE {row}"), []),
            1 => {
                // A copy of a row that differs in one column, beside those that must differ.
                let taken: Vec<String> = columns
                    .iter()
                    .map(|it| if it == column { "?1".to_owned() } else { format!("\"{it}\"") })
                    .collect();
                let names: Vec<String> = columns.iter().map(|it| format!("\"{it}\"")).collect();
                let (names, taken) = (names.join(", "), taken.join(", "));
                let sql = format!(
                    "INSERT OR IGNORE INTO {table} ({names}) SELECT {taken} FROM {table} WHERE {row}"
                );
                board.execute(&sql, [value])
            }
            _ => {
                board.execute(&format!("UPDATE {table} SET \"{column}\" = ?1 WHERE {row}"), [value])
            }
        };
    }
}

fn columns(board: &Connection, table: &str) -> Option<Vec<String>> {
    let mut statement = board.prepare("SELECT name FROM pragma_table_info(?1)").ok()?;
    let names = statement.query_map([table], |row| row.get(0)).ok()?;
    let names: Vec<String> = names.collect::<Result<_, _>>().ok()?;
    (!names.is_empty()).then_some(names)
}
