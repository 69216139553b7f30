-- What Andon adds. Tables of its own and plain indexes: no trigger, no foreign key and no unique
-- index over a column that the peer writes, so that the peer keeps working on the same file.

-- A task's schedule, and its failures counted by cause.
CREATE TABLE IF NOT EXISTS andon_tasks (
    task_id      TEXT PRIMARY KEY,
    not_before   INTEGER,
    due_at       INTEGER,
    due_event    INTEGER,
    past_parents INTEGER NOT NULL DEFAULT 0,
    f_spawn      INTEGER NOT NULL DEFAULT 0,
    f_crash      INTEGER NOT NULL DEFAULT 0,
    f_timeout    INTEGER NOT NULL DEFAULT 0,
    f_rate_limit INTEGER NOT NULL DEFAULT 0,
    f_protocol   INTEGER NOT NULL DEFAULT 0,
    f_stale      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What the peer's runs cannot hold: who keeps the worker, how it is stopped, what it used.
CREATE TABLE IF NOT EXISTS andon_runs (
    run_id      INTEGER PRIMARY KEY,
    task_id     TEXT NOT NULL,
    came_from   TEXT NOT NULL,
    claimer     TEXT NOT NULL,
    runner      TEXT,
    worker      TEXT,
    stop_to     TEXT,
    stop_reason TEXT,
    stop_by     TEXT,
    stop_at     INTEGER,
    gone_at     INTEGER,
    exit        TEXT,
    cpu_ms      INTEGER,
    max_rss_kb  INTEGER
);

-- Commands that were carried out, by operation id: after a failed COMMIT the truth is looked up here.
CREATE TABLE IF NOT EXISTS andon_ops (
    op       BLOB PRIMARY KEY,
    at       INTEGER NOT NULL,
    verb     TEXT NOT NULL,
    actor    TEXT NOT NULL,
    task_id  TEXT,
    event_id INTEGER
) WITHOUT ROWID;

-- Facts about the board itself.
CREATE TABLE IF NOT EXISTS andon_board (
    key   TEXT PRIMARY KEY,
    value TEXT
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS andon_queue ON tasks(assignee, COALESCE(priority, 0) DESC, created_at, id)
    WHERE status IN ('ready', 'review');
CREATE INDEX IF NOT EXISTS andon_lingering ON andon_runs(task_id) WHERE gone_at IS NULL;
CREATE INDEX IF NOT EXISTS andon_due ON andon_tasks(due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS andon_waits ON andon_tasks(not_before) WHERE not_before IS NOT NULL;
CREATE INDEX IF NOT EXISTS andon_recent ON task_runs(profile, ended_at DESC, id DESC)
    WHERE outcome = 'completed';
