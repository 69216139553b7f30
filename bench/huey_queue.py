"""huey on SQLite. It deletes a task when it hands it out: at most once, one commit less than others.

usage: huey_queue.py versions
       huey_queue.py cycle FILE COUNT
"""

import importlib.metadata
import platform
import sqlite3
import sys
import time

from huey import SqliteHuey

from timing import Errors, answer, answer_rate, sync_mode

# Enough for the first calls' costs (imports, page cache, statements) to be over.
WARM_UP = 20


def versions():
    answer(
        peer=importlib.metadata.version("huey"),
        sqlite=sqlite3.sqlite_version,
        runtime=f"Python {platform.python_version()}",
    )


def cycle(file, count):
    count = int(count)
    huey = SqliteHuey(filename=file, fsync=True, results=False)

    @huey.task()
    def nothing(number):
        return number

    for number in range(WARM_UP):
        nothing(number)
    for _ in range(WARM_UP):
        huey.execute(huey.dequeue())
    for number in range(count):
        nothing(number)
    sync = sync_mode(huey.storage.conn)
    done, errors = 0, Errors()
    started = time.perf_counter()
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
        done += 1
    seconds = time.perf_counter() - started
    if done != count:
        errors.add(f"{done} of {count} tasks were executed")
    answer_rate(done, seconds, errors, sync)


VERBS = {f.__name__: f for f in (versions, cycle)}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
