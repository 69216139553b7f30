"""The peer's processes under the ledger test: what they ask for and hear, in the harness's log form.

usage: ledger.py init|client|call|dispatcher BOARD LOGS SEED

`client` keeps one connection, `call` is one operation on a connection of its own, `dispatcher`
makes one pass after the other. Each ends when its input does.
"""

import contextlib
import json
import os
import random
import sys
import threading
import time
from pathlib import Path

from hermes_cli import kanban_db

# Operations between two pauses of a client, and the pause: as the clients of the harness.
BURST, PAUSE_SECONDS = 40, 0.25
CLAIM_SECONDS = 3
KNOWN_MAX = 40

over = threading.Event()


def end_with_input():
    def listen():
        for _line in sys.stdin:
            pass
        over.set()

    threading.Thread(target=listen, daemon=True).start()


class Log:
    """One file for this process, one write for each line."""

    def __init__(self, logs, role):
        name = f"{role}-{os.getpid()}-{time.monotonic_ns()}.jsonl"
        self.file = os.open(Path(logs) / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def say(self, what, **fields):
        line = {what: {"at": time.monotonic_ns(), **fields}}
        os.write(self.file, (json.dumps(line) + "\n").encode())


class Actor:
    """Somebody who asks for one thing after the other."""

    def __init__(self, log, seed):
        self.log, self.random = log, random.Random(f"{seed} {os.getpid()} {time.monotonic_ns()}")
        self.known, self.held = [], []

    def ask(self, connection, verb, task, run, trace, call):
        op = f"{self.random.getrandbits(128):032x}"
        self.log.say("start", op=op, verb=verb, task=task, run=run)
        try:
            answer = call(connection, f"op-{op}")
        except Exception as error:  # Whatever it is, the operation was not acknowledged.
            why = f"{type(error).__name__}: {error}"
            self.log.say("failed", op=op, why=why[:80])
            return None
        if not answer:
            self.log.say("failed", op=op, why="refused")
            return None
        fields = {"event": None, "task": task, "run": None, "trace": trace}
        self.log.say("done", op=op, **(fields | (answer if isinstance(answer, dict) else {})))
        return answer

    def act(self, connection):
        dice = self.random.random()
        if self.held and dice < 0.35:
            self.complete(connection, *self.held.pop())
        elif self.held and dice < 0.45:
            task, _run = self.held[-1]
            beat = lambda db, _mark: kanban_db.heartbeat_claim(db, task, ttl_seconds=CLAIM_SECONDS)
            self.ask(connection, "heartbeat", task, None, "nothing", beat)
        elif self.known and dice < 0.60:
            task = self.random.choice(self.known)
            comment = lambda db, mark: kanban_db.add_comment(db, task, "torture", mark)
            self.ask(connection, "comment", task, None, "text", comment)
        elif self.known and dice < 0.80:
            self.claim(connection, self.random.choice(self.known))
        else:
            self.create(connection)

    def create(self, connection):
        make = lambda db, mark: {"task": kanban_db.create_task(db, title=mark)}
        if made := self.ask(connection, "create", None, None, "text", make):
            self.known = (self.known + [made["task"]])[-KNOWN_MAX:]

    def claim(self, connection, task):
        def take(db, _mark):
            taken = kanban_db.claim_task(db, task, ttl_seconds=CLAIM_SECONDS)
            return taken and {"run": taken.current_run_id}

        if taken := self.ask(connection, "claim", task, None, "nothing", take):
            self.held.append((task, taken["run"]))

    def complete(self, connection, task, run):
        done = lambda db, mark: kanban_db.complete_task(
            db, task, summary=mark, expected_run_id=run
        )
        self.ask(connection, "complete", task, run, "text", done)


def init(board, _logs, _seed):
    kanban_db.connect(Path(board)).close()


def client(board, logs, seed):
    end_with_input()
    actor = Actor(Log(logs, "client"), seed)
    while not over.is_set():
        # A damaged board refuses connections: whoever needs it tries again.
        with contextlib.suppress(Exception):
            with contextlib.closing(kanban_db.connect(Path(board))) as connection:
                while not over.is_set():
                    for _ in range(BURST):
                        actor.act(connection)
                    over.wait(PAUSE_SECONDS)
        over.wait(PAUSE_SECONDS)


def call(board, logs, seed):
    actor = Actor(Log(logs, "call"), seed)
    with contextlib.closing(kanban_db.connect(Path(board))) as connection:
        actor.known = [task.id for task in kanban_db.list_tasks(connection, limit=KNOWN_MAX)]
        actor.act(connection)


def dispatcher(board, _logs, _seed):
    end_with_input()
    while not over.is_set():
        with contextlib.suppress(Exception):
            with contextlib.closing(kanban_db.connect(Path(board))) as connection:
                for _ in range(5):
                    kanban_db.dispatch_once(connection, spawn_fn=lambda *_a, **_k: None)
                    over.wait(0.2)


ROLES = {role.__name__: role for role in (init, client, call, dispatcher)}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
