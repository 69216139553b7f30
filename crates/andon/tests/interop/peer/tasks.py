"""All tasks of a board, with every field that the peer's library knows.

usage: tasks.py BOARD
"""

import contextlib
import dataclasses
import json
import sys
from pathlib import Path

from hermes_cli import kanban_db

with contextlib.closing(kanban_db.connect(Path(sys.argv[1]))) as connection:
    tasks = kanban_db.list_tasks(connection, include_archived=True)
    print(json.dumps([dataclasses.asdict(task) for task in tasks]))
