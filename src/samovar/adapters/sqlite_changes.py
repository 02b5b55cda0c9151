"""Rows of an SQLite file that change, told to whoever keeps something of them.

The writing connection says of each row what it was and what it becomes (SQLite's preupdate hook); this is
passed on after the commit, on the event loop, before anybody is told that the write is done. Keyed reads
run on the same loop, in snapshots that end before that: what is kept is never older than what is read.
"""

from collections.abc import Sequence
from typing import Any

import apsw

from samovar.kernel.db import Row, Told


class _Watch:
    __slots__ = ("columns", "places", "told")

    def __init__(self, columns: Sequence[str], told: Told) -> None:
        self.columns = columns
        self.told = told
        #: Where the columns stand in a row: known once there is one.
        self.places: list[int] = []

    def of(self, row: Row | None) -> Row | None:
        return None if row is None else tuple([row[place] for place in self.places])


class Changes:
    """What was done to rows of watched tables and is not told yet."""

    def __init__(self) -> None:
        self._watches: dict[str, list[_Watch]] = {}
        self._waiting: list[tuple[str, Row | None, Row | None]] = []

    def watch(self, table: str, columns: Sequence[str], told: Told) -> None:
        """Have changes of a table's rows told."""
        self._watches.setdefault(table, []).append(_Watch(columns, told))

    def note(self, change: Any) -> None:
        """SQLite's hook."""
        if change.table_name in self._watches:
            self._waiting.append((change.table_name, change.old, change.new))

    def forget_places(self) -> None:
        """Look anew where columns stand: tables may be changed now."""
        for watches in self._watches.values():
            for watch in watches:
                watch.places = []

    def tell(self, reader: apsw.Connection) -> None:
        """Tell of all that waits. `reader` is asked where the columns stand."""
        waiting, self._waiting = self._waiting, []
        for table, before, after in waiting:
            for watch in self._watches[table]:
                if not watch.places:
                    names = [row[1] for row in reader.execute(f"PRAGMA table_info({table})")]
                    watch.places = [names.index(column) for column in watch.columns]
                watch.told(watch.of(before), watch.of(after))
