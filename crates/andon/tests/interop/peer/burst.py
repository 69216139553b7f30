"""One process of a burst: creates tasks after a common start.

usage: burst.py BOARD COUNT
"""

import contextlib
import json
import sys
from pathlib import Path

from hermes_cli import kanban_db


def burst(board, count):
    print("ready", flush=True)
    sys.stdin.readline()
    created, errors = 0, []
    for number in range(count):
        try:
            # A connection for each call, as the peer's own tools do it.
            with contextlib.closing(kanban_db.connect(board)) as connection:
                kanban_db.create_task(connection, title=f"task {number}")
            created += 1
        except Exception as error:  # Whatever it is, the task was not created.
            errors.append(f"{type(error).__name__}: {error}")
    first = errors[0] if errors else None
    answer = {"created": created, "errors": len(errors), "first_error": first}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    burst(Path(sys.argv[1]), int(sys.argv[2]))
