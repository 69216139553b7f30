"""What the Python peers report: rates, spans of time, sync modes. It names no peer."""

import json
import math
import sys

SYNC_MODES = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}


def sync_mode(connection):
    """The journal and sync mode that this very connection works with."""
    journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    return f"{journal.upper()} {SYNC_MODES.get(level, level)}"


class Errors:
    """Counts failures and keeps the first one's text."""

    def __init__(self):
        self.count = 0
        self.first = None

    def add(self, text):
        self.count += 1
        self.first = self.first or str(text)


def answer(**fields):
    """Writes the one line that the bench reads."""
    print(json.dumps(fields), flush=True)


def answer_rate(done, seconds, errors, sync):
    """So many were done in that time."""
    answer(done=done, seconds=seconds, errors=errors.count, first_error=errors.first, sync=sync)


def answer_times(seconds, sync):
    """How long single calls took, in microseconds."""
    ordered = sorted(seconds)
    answer(
        samples=len(ordered),
        p50_us=percentile(ordered, 50) * 1e6,
        p99_us=percentile(ordered, 99) * 1e6,
        max_us=ordered[-1] * 1e6,
        sync=sync,
    )


def percentile(ordered, percent):
    """The smallest value that so many percent of the values do not exceed."""
    rank = math.ceil(len(ordered) * percent / 100)
    return ordered[max(rank, 1) - 1]


def wait_for_go():
    """Says that this process is ready and holds it until all of them are."""
    print("ready", flush=True)
    if not sys.stdin.readline():
        raise SystemExit("the bench went away before the start")
