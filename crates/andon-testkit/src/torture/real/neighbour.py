"""A program that knows nothing of Andon, with the SQLite of its Python, on the same board.

usage: neighbour.py backup BOARD COPY | comment BOARD TEXT | read BOARD

Answers with one line of JSON.
"""

import json
import os
import sqlite3
import sys
import time

# Writers here wait for others as long as ordinary programs do.
TIMEOUT_SECONDS = 30


def connect(board):
    return sqlite3.connect(board, timeout=TIMEOUT_SECONDS, isolation_level=None)


def backup(board, copy):
    source, target = connect(board), sqlite3.connect(copy)
    source.backup(target, pages=500, sleep=0.01)
    found = [row[0] for row in target.execute("PRAGMA integrity_check(5)")]
    tasks = target.execute("SELECT count(*) FROM tasks").fetchone()[0]
    target.close()
    source.close()
    os.unlink(copy)
    return {"integrity": "; ".join(found), "tasks": tasks}


def comment(board, text):
    connection = connect(board)
    connection.execute("BEGIN IMMEDIATE")
    row = connection.execute("SELECT id FROM tasks ORDER BY random() LIMIT 1").fetchone()
    now = int(time.time())
    connection.execute(
        "INSERT INTO task_comments (task_id, author, body, created_at) VALUES (?, ?, ?, ?)",
        (row[0], "neighbour", text, now),
    )
    payload = json.dumps({"author": "neighbour", "len": len(text)})
    event = connection.execute(
        "INSERT INTO task_events (task_id, kind, payload, created_at) VALUES (?, ?, ?, ?)",
        (row[0], "commented", payload, now),
    ).lastrowid
    connection.execute("COMMIT")
    connection.close()
    return {"task_id": row[0], "event_id": event}


def read(board):
    connection = connect(board)
    counts = dict(connection.execute("SELECT status, count(*) FROM tasks GROUP BY status"))
    connection.close()
    return counts


VERBS = {verb.__name__: verb for verb in (backup, comment, read)}

if __name__ == "__main__":
    try:
        print(json.dumps(VERBS[sys.argv[1]](*sys.argv[2:])))
    except sqlite3.OperationalError as error:
        sys.exit(f"sqlite {sqlite3.sqlite_version}: {error}")
