"""One process that works on a board of the peer until its time is up.

usage: load.py BOARD long|short SECONDS LEDGER

Each acknowledged write becomes a line of the ledger, in words that `audit.py` knows. Errors are
counted: a write that was refused is not lost.
"""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from hermes_cli import kanban_db

# Several pages of the database for each comment, so that the log is full often.
BODY = "x" * 30_000


class Ledger:
    """What the board said it has."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1)

    def enter(self, *words):
        print(*words, file=self.file)


class Errors:
    """Counts failures and keeps the first one's text."""

    def __init__(self):
        self.count, self.first = 0, None

    @contextlib.contextmanager
    def counted(self):
        try:
            yield
        except Exception as error:  # Whatever it is, the write was not acknowledged.
            self.count += 1
            self.first = self.first or f"{type(error).__name__}: {error}"


def long(board, deadline, ledger, errors):
    """Keeps its connection and takes tasks all the way."""
    with errors.counted(), contextlib.closing(kanban_db.connect(board)) as connection:
        while time.monotonic() < deadline:
            with errors.counted():
                take_all_the_way(connection, ledger)


def take_all_the_way(connection, ledger):
    task = kanban_db.create_task(connection, title="all the way", assignee="alice")
    ledger.enter("created", task)
    if claimed := kanban_db.claim_task(connection, task):
        ledger.enter("claimed", task, claimed.current_run_id)
    comment = kanban_db.add_comment(connection, task, "load", BODY)
    ledger.enter("commented", task, comment)
    if kanban_db.complete_task(connection, task, summary="done"):
        ledger.enter("completed", task)


def short(board, deadline, ledger, errors):
    """One new process after the other: each opens the board, creates a task and closes it."""
    while time.monotonic() < deadline:
        child = os.fork()
        if child == 0:
            os._exit(create_one(board, ledger))
        _, status = os.waitpid(child, 0)
        if status != 0:
            errors.count += 1


def create_one(board, ledger):
    failures = Errors()
    with failures.counted():
        with contextlib.closing(kanban_db.connect(board)) as connection:
            task = kanban_db.create_task(connection, title="one call", body=BODY[:500])
            ledger.enter("created", task)
    return min(failures.count, 1)


if __name__ == "__main__":
    board, role, seconds, path = sys.argv[1:]
    errors = Errors()
    work = {"long": long, "short": short}[role]
    work(Path(board), time.monotonic() + float(seconds), Ledger(path), errors)
    print(json.dumps({"errors": errors.count, "first_error": errors.first}), flush=True)
