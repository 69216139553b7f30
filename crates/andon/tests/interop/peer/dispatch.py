"""One pass of the peer's dispatcher, and one of its promotion of waiting tasks.

usage: dispatch.py BOARD

Workers are not started: those that would be are named.
"""

import contextlib
import json
import sys
from pathlib import Path

from hermes_cli import kanban_db

started = []


def start(task, workspace, *_rest, **_options):
    started.append(task.id)


with contextlib.closing(kanban_db.connect(Path(sys.argv[1]))) as connection:
    promoted = kanban_db.recompute_ready(connection)
    result = kanban_db.dispatch_once(connection, spawn_fn=start)
    print(
        json.dumps(
            {
                "recomputed": promoted,
                "skipped_locked": result.skipped_locked,
                "promoted": result.promoted,
                "started": started,
            }
        )
    )
