"""Measure, print a table, write bench/out/latest.json.

    python -m bench [NAME ...] [--fresh]

Names: fanout, star, feed, posts, inbox, page, media, search, analytics, sockets, overload, calls, rest,
tests; and only when they are named events (over servers that are given: SAMOVAR_TEST_KAFKA, see
tools/backends) and split (over its own).
`--fresh` builds the community anew.
"""

import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
import uvloop

from bench import (
    analytics,
    fanout,
    footprint,
    inbox,
    overload,
    pictures,
    search,
    servers,
    sockets,
    web,
)
from bench.community import Community, community
from bench.figures import Figure, say, table, write

#: Measured only when named: they need real servers.
NAMED = ("events", "split")
Measure = Callable[[], Awaitable[list[Figure]]]


async def through_kafka() -> list[Figure]:
    """Imported here: it needs aiokafka and a broker."""
    from bench import events

    return await events.events()


async def apart(data: Path, people: Community) -> list[Figure]:
    """Imported here: it needs asyncpg and real servers."""
    from bench import split

    return await split.split(data, people)


async def contract_calls() -> list[Figure]:
    """Local, through bytes, by gRPC: imported when asked for, since gRPC's threads don't like forks."""
    from bench import calls

    return await calls.ratio()


async def main(arguments: list[str]) -> int:
    if set(arguments) & {"-h", "--help"}:
        say(__doc__ or "")
        return 0
    if strange := [name for name in arguments if name.startswith("-") and name != "--fresh"]:
        say(f"no such option: {', '.join(strange)}; there is --fresh")
        return 2
    data, people = await community(fresh="--fresh" in arguments)
    measures: dict[str, Measure] = {
        "analytics": analytics.analytics,
        "fanout": lambda: fanout.fan_out(data, people),
        "star": lambda: fanout.star(data, people),
        "feed": lambda: web.feed(data, people),
        "posts": lambda: web.durable_posts(data, people),
        "inbox": lambda: inbox.inbox(data, people),
        "page": lambda: web.home_page(data, people),
        "media": lambda: pictures.pictures(data, people),
        "search": search.search,
        "sockets": sockets.sockets,
        "overload": lambda: overload.overload(data, people),
        "calls": contract_calls,
        "events": through_kafka,
        "split": lambda: apart(data, people),
        "rest": footprint.at_rest,
        "tests": footprint.tests,
    }
    names = [name for name in arguments if not name.startswith("-")]
    if unknown := set(names) - measures.keys():
        say(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(measures)}")
        return 2
    everything = set(os.sched_getaffinity(0))
    figures: list[Figure] = []
    for name, measure in measures.items():
        if name in names or (not names and name not in NAMED):
            # The tests may use the whole machine; all else leaves the first core to the server.
            if name == "tests":
                os.sched_setaffinity(0, everything)
            else:
                servers.pin(servers.LOAD_CORE)
            try:
                figures += await measure()
            except Exception as error:
                say(traceback.format_exc())
                figures.append(Figure(f"{name}: {error!r}", 0, "", "to be measured", False))
    print(table(figures))
    say(f"\nwritten to {write(figures)}")
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    raise SystemExit(uvloop.run(main(sys.argv[1:])))
