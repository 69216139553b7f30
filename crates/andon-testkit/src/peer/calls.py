"""The peer's board module behind a pipe: one call a line, as JSON, and one answer a line.

The code that writes is the peer's own. Time, ids, the name of the host and the fates of processes
are the caller's, so that a sequence is the same in every run. No signal is ever sent.
"""

import json
import os
import sys
import time
from pathlib import Path

from hermes_cli import kanban_db, profiles
from plugins.kanban.dashboard import plugin_api as dashboard


class World:
    """What the caller says of everything outside the board."""

    now = 0
    draws = 0
    is_alive = False
    worker = "runs"


class Clock:
    """Stands in for the module `time`, in which nobody waits."""

    def time(self):
        return float(World.now)

    def sleep(self, _seconds):
        pass

    def __getattr__(self, name):
        return getattr(time, name)


class Draws:
    """Stands in for the module `secrets`: the same ids in every run, none of them Andon's."""

    def token_hex(self, size):
        World.draws += 1
        return format(0xF000_0000 + World.draws * 7919 % 0x0FFF_FFFF, f"0{2 * size}x")


def signal(_pid, _number):
    if not World.is_alive:
        raise ProcessLookupError


kanban_db.time = Clock()
dashboard.time = Clock()
kanban_db.secrets = Draws()
kanban_db._claimer_id = lambda: "host:4711"
kanban_db._pid_alive = lambda _pid: World.is_alive
os.kill = signal
profiles.profile_exists = lambda _name: True


class Board:
    connection = None


def open_board(path):
    close_board()
    os.environ["HERMES_KANBAN_DB"] = path
    World.draws = 0
    Board.connection = kanban_db.connect(Path(path))


def close_board():
    if Board.connection is not None:
        Board.connection.close()
        Board.connection = None


def dispatch():
    """A whole pass of the peer's dispatcher."""

    def spawn(task, *_arguments):
        if World.worker == "fails":
            raise RuntimeError("no such program")
        if World.worker == "ends":
            # A quick worker: it has reported before its number is written down.
            kanban_db.complete_task(Board.connection, task.id, summary="quick")
        return 99

    result = kanban_db.dispatch_once(Board.connection, spawn_fn=spawn, stale_timeout_seconds=900)
    return [task for task, *_ in result.spawned]


def move_card(task, status):
    """A card dragged to another column of the dashboard."""
    return dashboard._set_status_direct(Board.connection, task, status)


OWN = {f.__name__: f for f in (open_board, close_board, dispatch, move_card)}


def carry_out(call):
    World.now, World.is_alive, World.worker = call["at"], call["is_alive"], call["worker"]
    name = call["name"]
    if name in OWN:
        return OWN[name](*call["arguments"])
    verb = getattr(kanban_db, name)
    return verb(Board.connection, *call["arguments"], **call["options"])


def answer(call):
    try:
        return {"answer": carry_out(call)}
    except Exception as error:  # Whatever it is, the caller judges it.
        return {"error": type(error).__name__, "text": str(error)}


if __name__ == "__main__":
    for line in sys.stdin:
        given = answer(json.loads(line))
        print(json.dumps(given, default=lambda other: getattr(other, "id", str(other))), flush=True)
