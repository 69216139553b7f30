//! Lists of tasks and their links.

use super::sql_limit;
use crate::finds;
use crate::load::{id_at, readable};
use crate::row;
use crate::statement::Statements;
use andon_core::id::TaskId;
use andon_core::task::Task;
use andon_store::search::folded;
use andon_store::{Archived, AssigneeFilter, LinkEnds, ListFilter, SortOrder, StoreError};
use rusqlite::types::Value;

/// Tasks by filter. A row that cannot be read is left out here and named by `doctor`: one bad row
/// must not hide the board (D31).
pub(super) fn list(db: &Statements<'_>, filter: &ListFilter) -> Result<Vec<Task>, StoreError> {
    let mut query = Query::default();
    query.statuses(filter);
    match &filter.assignee {
        AssigneeFilter::Any => {}
        AssigneeFilter::Nobody => query.conditions.push("t.assignee IS NULL".to_owned()),
        AssigneeFilter::Is(name) => query.equals("t.assignee", name.as_str()),
    }
    let exact = [
        ("t.tenant", &filter.tenant),
        ("t.session_id", &filter.session_id),
        ("t.workflow_template_id", &filter.workflow_template_id),
        ("t.current_step_key", &filter.current_step_key),
    ];
    for (column, value) in exact {
        if let Some(value) = value {
            query.equals(column, value);
        }
    }
    if let Some(text) = &filter.search {
        let finds = finds::NAME;
        query.conditions.push(format!("({finds}(t.title, ?) OR {finds}(t.body, ?))"));
        query.values.extend([Value::Text(folded(text)), Value::Text(folded(text))]);
    }
    query.values.push(Value::Integer(sql_limit(filter.limit)));
    query.values.push(Value::Integer(i64::try_from(filter.offset).unwrap_or(i64::MAX)));
    let sql = query.sql(filter.sort);
    readable(db, &sql, rusqlite::params_from_iter(query.values), row::task)
}

/// A list query under construction.
#[derive(Default)]
struct Query {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    fn equals(&mut self, column: &str, value: &str) {
        self.conditions.push(format!("{column} = ?"));
        self.values.push(Value::Text(value.to_owned()));
    }

    fn statuses(&mut self, filter: &ListFilter) {
        if !filter.statuses.is_empty() {
            let marks = vec!["?"; filter.statuses.len()].join(", ");
            self.conditions.push(format!("t.status IN ({marks})"));
            let words = filter.statuses.iter().map(|status| Value::Text(status.word().to_owned()));
            self.values.extend(words);
        } else if filter.archived == Archived::Hidden {
            self.conditions.push("t.status <> 'archived'".to_owned());
        }
    }

    fn sql(&self, sort: SortOrder) -> String {
        let condition = match self.conditions.as_slice() {
            [] => "1".to_owned(),
            conditions => conditions.join(" AND "),
        };
        format!(
            "SELECT {} FROM {} WHERE {condition} ORDER BY {} LIMIT ? OFFSET ?",
            row::TASK_COLUMNS,
            row::TASK_FROM,
            order(sort)
        )
    }
}

fn order(sort: SortOrder) -> &'static str {
    match sort {
        SortOrder::Created => "t.created_at, t.id",
        SortOrder::CreatedDesc => "t.created_at DESC, t.id DESC",
        SortOrder::Priority => "COALESCE(t.priority, 0) DESC, t.created_at, t.id",
        SortOrder::PriorityDesc => "COALESCE(t.priority, 0), t.created_at, t.id",
        SortOrder::Status => "t.status, t.created_at, t.id",
        SortOrder::Assignee => "t.assignee, t.created_at, t.id",
        SortOrder::Title => "t.title, t.id",
        SortOrder::Updated => "t.started_at DESC NULLS LAST, t.created_at DESC, t.id",
    }
}

/// Neighbours of a task, by id.
pub(super) fn links(db: &Statements<'_>, id: &TaskId) -> Result<LinkEnds, StoreError> {
    let parents = "SELECT parent_id FROM task_links WHERE child_id = ?1 ORDER BY parent_id";
    let children = "SELECT child_id FROM task_links WHERE parent_id = ?1 ORDER BY child_id";
    Ok(LinkEnds {
        parents: readable(db, parents, [id.as_str()], |row| id_at(row, 0))?,
        children: readable(db, children, [id.as_str()], |row| id_at(row, 0))?,
    })
}
