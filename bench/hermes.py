"""The board of hermes-agent, driven through its own library.

usage: hermes.py VERB ARGUMENTS…

    versions
    init   BOARD
    burst  BOARD COUNT          creates after a common start
    create BOARD COUNT
    cycle  BOARD COUNT THREADS  claim and complete
    one    BOARD SAMPLES_MAX SECONDS_MAX
    tick   BOARD SAMPLES_MAX SECONDS_MAX

BOARD is a database file. The caller gives each board a directory and a home of its own.
"""

import importlib.metadata
import itertools
import platform
import sqlite3
import sys
import threading
import time
from pathlib import Path

from hermes_cli import kanban_db

from timing import Errors, answer, answer_rate, answer_times, sync_mode, wait_for_go

# Enough for the first calls' costs (imports, page cache, statements) to be over.
WARM_UP = 20
# One sample is a number, three are the least that have a median.
SAMPLES_MIN = 3


def versions():
    answer(
        peer=importlib.metadata.version("hermes-agent"),
        sqlite=sqlite3.sqlite_version,
        runtime=f"Python {platform.python_version()}",
    )


def connect(board):
    return kanban_db.connect(Path(board))


def init(board):
    connect(board).close()
    answer(done=True)


def burst(board, count):
    connection = connect(board)
    sync = sync_mode(connection)
    wait_for_go()
    create_tasks(connection, int(count), sync)


def create(board, count):
    connection = connect(board)
    for number in range(WARM_UP):
        kanban_db.create_task(connection, title=f"warm up {number}")
    create_tasks(connection, int(count), sync_mode(connection))


def create_tasks(connection, count, sync):
    errors = Errors()
    started = time.perf_counter()
    for number in range(count):
        try:
            kanban_db.create_task(connection, title=f"task {number}")
        except Exception as error:  # Whatever it is, it is a task that was not created.
            errors.add(error)
    seconds = time.perf_counter() - started
    answer_rate(count - errors.count, seconds, errors, sync)


def cycle(board, count, threads):
    count, threads = int(count), int(threads)
    connection = connect(board)
    sync = sync_mode(connection)
    for number in range(WARM_UP):
        cycle_one(connection, kanban_db.create_task(connection, title=f"warm up {number}"))
    tasks = [kanban_db.create_task(connection, title=f"task {n}") for n in range(count)]
    errors, seconds = spread_over_threads(board, connection, tasks, threads)
    answer_rate(count - errors.count, seconds, errors, sync)


def spread_over_threads(board, connection, tasks, threads):
    """A connection for each thread, as the peer's own threads have; one thread uses ours."""
    errors, turn = Errors(), itertools.count()

    def work(own):
        while (index := next(turn)) < len(tasks):
            try:
                cycle_one(own, tasks[index])
            except Exception as error:  # Whatever it is, the task was not finished.
                errors.add(error)

    if threads == 1:
        started = time.perf_counter()
        work(connection)
        return errors, time.perf_counter() - started

    all_connected = threading.Barrier(threads + 1)

    def connect_and_work():
        own = connect(board)
        all_connected.wait()
        work(own)

    workers = [threading.Thread(target=connect_and_work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    all_connected.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join()
    return errors, time.perf_counter() - started


def cycle_one(connection, task):
    if kanban_db.claim_task(connection, task) is None:
        raise RuntimeError(f"{task} was not claimed")
    if not kanban_db.complete_task(connection, task, summary="done"):
        raise RuntimeError(f"{task} was not completed")


def one(board, samples_max, seconds_max):
    """Claim and complete one task, on whatever board there is."""
    connection = connect(board)
    tasks = (kanban_db.create_task(connection, title=f"task {n}") for n in itertools.count())
    cycle_one(connection, next(tasks))
    answer_times(
        sample(lambda task: cycle_one(connection, task), tasks, samples_max, seconds_max),
        sync_mode(connection),
    )


def tick(board, samples_max, seconds_max):
    """A pass of the dispatcher that finds nothing to do."""
    connection = connect(board)

    def refuse(*_arguments, **_options):
        raise RuntimeError("an idle tick started a worker")

    def idle(_number):
        kanban_db.dispatch_once(connection, spawn_fn=refuse)

    idle(0)
    times = sample(idle, itertools.count(), samples_max, seconds_max)
    answer_times(times, sync_mode(connection))


def sample(call, subjects, samples_max, seconds_max):
    """Times single calls until there are enough or time is up, but never fewer than the least."""
    taken, deadline = [], time.perf_counter() + float(seconds_max)
    for subject in itertools.islice(subjects, int(samples_max)):
        started = time.perf_counter()
        call(subject)
        ended = time.perf_counter()
        taken.append(ended - started)
        if ended > deadline and len(taken) >= SAMPLES_MIN:
            break
    return taken


VERBS = {f.__name__: f for f in (versions, init, burst, create, cycle, one, tick)}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
