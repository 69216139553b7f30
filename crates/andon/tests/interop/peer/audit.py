"""What SQLite says of a board file, and what is in it.

usage: audit.py BOARD [LEDGER…]

A ledger is what `load.py` writes. Each entry that the board does not have is a lost write.
"""

import json
import sqlite3
import sys
from pathlib import Path

# What must be in the board for an entry, found by the entry's second and third word.
PROOFS = {
    "created": "SELECT count(*) FROM tasks WHERE id = ?",
    "claimed": "SELECT count(*) FROM task_runs WHERE task_id = ? AND id = ?",
    "completed": "SELECT count(*) FROM tasks WHERE id = ? AND status = 'done'",
    "commented": "SELECT count(*) FROM task_comments WHERE task_id = ? AND id = ?",
}


def audit(board, ledgers):
    # Whoever asks has ended all writers, or will not mind the wait.
    connection = sqlite3.connect(board, timeout=60)
    answer = {"integrity": integrity(connection)}
    try:
        answer["tasks"] = connection.execute("SELECT count(*) FROM tasks").fetchone()[0]
        if ledgers:
            answer.update(compare(connection, ledgers))
    except sqlite3.DatabaseError as error:
        answer["unreadable"] = str(error)
    return answer


def compare(connection, ledgers):
    """How much of what was acknowledged is there."""
    lines = [line for ledger in ledgers for line in Path(ledger).read_text().splitlines()]
    lost = [line for line in lines if not is_there(connection, line.split())]
    return {"acknowledged": len(lines), "lost": len(lost), "first_lost": lost[:3]}


def integrity(connection):
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        return str(error)
    return "; ".join(found)


def is_there(connection, entry):
    kind, *values = entry
    return connection.execute(PROOFS[kind], values).fetchone()[0] == 1


if __name__ == "__main__":
    print(json.dumps(audit(sys.argv[1], sys.argv[2:])))
