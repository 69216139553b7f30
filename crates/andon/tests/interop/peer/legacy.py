"""Makes a board as it was before every column that was ever added.

usage: legacy.py BOARD

The tables have only what no migration adds; the rows need each step of the migration.
"""

import sqlite3
import sys

TABLES = """
CREATE TABLE tasks (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT, assignee TEXT, status TEXT NOT NULL,
    priority INTEGER DEFAULT 0, created_by TEXT, created_at INTEGER NOT NULL,
    started_at INTEGER, completed_at INTEGER,
    workspace_kind TEXT NOT NULL DEFAULT 'scratch', workspace_path TEXT,
    claim_lock TEXT, claim_expires INTEGER,
    spawn_failures INTEGER, last_spawn_error TEXT
);
CREATE TABLE task_links (
    parent_id TEXT NOT NULL, child_id TEXT NOT NULL, PRIMARY KEY (parent_id, child_id)
);
CREATE TABLE task_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT, created_at INTEGER NOT NULL
);
CREATE TABLE task_comments (
    id TEXT, task_id TEXT NOT NULL, author TEXT NOT NULL, body TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
"""

# Some moment in the past.
THEN = 1_700_000_000
# After any test: the claim must not run out while the two programs look.
MUCH_LATER = 4_000_000_000

TASKS = [
    ("t_00000001", "waits for the second", "todo", None, None, None, None),
    ("t_00000002", "runs", "running", THEN + 5, "elsewhere:1", MUCH_LATER, None),
    ("t_00000003", "was made ready", "ready", None, None, None, None),
    ("t_00000004", "could not start", "blocked", None, None, None, 2),
]

with sqlite3.connect(sys.argv[1]) as connection:
    connection.executescript(TABLES)
    connection.executemany(
        "INSERT INTO tasks (id, title, status, started_at, claim_lock, claim_expires,"
        f" spawn_failures, created_at, assignee) VALUES (?, ?, ?, ?, ?, ?, ?, {THEN}, 'alice')",
        TASKS,
    )
    connection.execute(
        "UPDATE tasks SET last_spawn_error = 'no such program' WHERE spawn_failures = 2"
    )
    connection.execute("INSERT INTO task_links VALUES ('t_00000002', 't_00000001')")
    events = [
        ("t_00000003", "created"),
        ("t_00000003", "ready"),
        ("t_00000004", "spawn_auto_blocked"),
    ]
    connection.executemany(
        f"INSERT INTO task_events (task_id, kind, created_at) VALUES (?, ?, {THEN})", events
    )
    comments = [("9", "t_00000001", "ann", "first"), ("10", "t_00000001", "bob", "second")]
    connection.executemany(f"INSERT INTO task_comments VALUES (?, ?, ?, ?, {THEN})", comments)
connection.close()
