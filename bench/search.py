"""Search over 100,000 posts in this process: how long a question takes, how soon new posts are found, and how
fast the index is made anew, against bare tantivy over the same documents."""

import asyncio
import itertools
import random
import shutil
import statistics
import time
from pathlib import Path
from typing import Any

import apsw

from bench.community import Builder, builder, together
from bench.figures import OUT, Figure, at_least, at_most, note, say
from samovar.app.serve import settle_memory
from samovar.contracts.common import Scope
from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import IDENTITY
from samovar.contracts.posts import POSTS
from samovar.contracts.search import SEARCH
from samovar.kernel.clock import DAY, SystemClock
from samovar.kernel.context import Call, calling
from samovar.kernel.fulltext import Entry
from samovar.services.search.clients import Kinds

ITEMS, MEMBERS, FOLLOWS = 100_000, 200, 20
QUESTIONS, FRESH = 2_000, 10
#: Words there are, the frequent ones many times as often as the rare ones.
VOCABULARY = 30_000
SYLLABLES = (
    ("ба", "ве", "го", "ди", "жу", "зо", "ки", "ла", "ми", "но", "пе", "ру", "са", "то", "чай", "ша"),
    ("ba", "ke", "lo", "mi", "nu", "pra", "ste", "to", "vi", "wa", "zen", "sho", "tea", "ri", "du", "fen"),
)
SETTINGS = {"SAMOVAR_IDENTITY__ARGON_MEMORY_KIB": "8", "SAMOVAR_IDENTITY__ARGON_PASSES": "1",
            "SAMOVAR_IDENTITY__REGISTER_BURST": "100000"}  # fmt: skip


def vocabulary(dice: random.Random) -> list[str]:
    """Words of two to four syllables, half Russian and half English."""
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(dice.choices(dice.choice(SYLLABLES), k=dice.randint(2, 4)))] = None
    return list(found)


async def _fill(folder: Path, build: Builder, dice: random.Random) -> tuple[list[int], list[str]]:
    """Members who follow each other, and their posts, which are put into the table as they are."""
    identity, graph = build.api(IDENTITY), build.api(GRAPH)
    grants = await together(
        (build.as_(
            None,
            identity.register(
                username=f"member{index}", email=f"member{index}@example.org", password="a quiet kettle hums",
                locale="en", device="bench", browser=False,
            ),
        )
        for index in range(MEMBERS)),
        at_once=1,
    )  # fmt: skip
    people = [grant.account.id for grant in grants]
    for shift in range(1, FOLLOWS + 1):
        order = people[shift:] + people[:shift]
        await together(
            build.as_(one, graph.follow(user_id=other)) for one, other in zip(people, order, strict=True)
        )
    await build.house.drain()
    words = vocabulary(dice)
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))
    texts = [" ".join(dice.choices(words, cum_weights=weights, k=dice.randint(10, 40))) for _ in range(ITEMS)]
    _put(folder, people, texts, build.clock.now())
    return people, texts


def _put(folder: Path, people: list[int], texts: list[str], now: int) -> None:
    db = apsw.Connection(str(folder / "samovar.db"))
    db.set_busy_timeout(5000)
    plain: dict[str, Any] = {
        "content_warning": "", "edited_at": 0, "reply_to_id": None, "reply_to_author_id": None,
        "quote_of_id": None, "has_poll": 0, "mentions": None, "tags": None, "media_ids": None, "replies": 0,
        "reposts": 0, "quotes": 0, "hidden": 0, "deleted": 0, "version": 1, "language": "en",
    }  # fmt: skip
    rows, row = list[list[Any]](), plain
    for number, text in enumerate(texts):
        at = now - 30 * DAY + number * 20_000_000
        id, author = ((at // 1000) << 21) + number, people[number % len(people)]
        row = plain | {
            "id": id, "author_id": author, "text": text, "html": f"<p>{text}</p>", "created_at": at,
            "root_id": id, "visibility": "followers" if number % 10 == 0 else "public",
        }  # fmt: skip
        rows.append(list(row.values()))
    with db:
        holes = ",".join("?" * len(row))
        db.executemany(f"INSERT INTO posts_post ({','.join(row)}) VALUES ({holes})", rows)  # noqa: S608
        for person in people:
            db.execute("INSERT OR REPLACE INTO posts_author VALUES (?, ?, 0)", (person, ITEMS // MEMBERS))
    db.close()


async def _rebuilt(build: Builder) -> float:
    """Documents a second when the index is made anew."""
    with calling(Call(caller="edge", system=True)):
        await build.api(SEARCH).rebuild()
        begun = time.perf_counter()
        await build.house.built["search"].loops[0].step()
        seconds = time.perf_counter() - begun
        return float((await build.api(SEARCH).state()).documents / seconds)


async def _entries(build: Builder) -> list[Entry]:
    kinds, found, after = Kinds(build.house.kits["search"].peers), list[Entry](), 0
    with calling(Call(caller="search", system=True)):
        while True:
            batch = await kinds.entries_after("post", after, 500)
            found += batch.entries
            after = batch.last
            if not after:
                return found


def _bare(folder: Path, entries: list[Entry]) -> float:
    """Documents a second that tantivy takes by itself, from memory, as it is set by default."""
    from samovar.adapters.tantivy_generation import Generation, _document

    made = Generation(folder)
    writer = made._index.writer(num_threads=1)
    begun = time.perf_counter()
    for entry in entries:
        writer.add_document(_document(entry))
    writer.commit()
    seconds = time.perf_counter() - begun
    writer.wait_merging_threads()
    return len(entries) / seconds


async def _find(build: Builder, query: str) -> list[int]:
    page = await build.api(SEARCH).find(
        query=query, kinds=(), newest=False, cursor="", limit=20, page=0, author="", after="", before="",
        has_media=False, language="",
    )  # fmt: skip
    return [hit.id for hit in page.items]


async def _asked(build: Builder, people: list[int], questions: list[str]) -> list[float]:
    """Milliseconds of each question, one at a time, each by another member."""
    times = []
    for number, question in enumerate(questions):
        with calling(Call(actor=people[number % len(people)], roles=("user",))):
            begun = time.perf_counter()
            await _find(build, question)
            times.append((time.perf_counter() - begun) * 1000)
    return sorted(times)


async def _soon(build: Builder, people: list[int]) -> list[float]:
    """Seconds until a new post is found, with the background work of a server."""
    times = []
    await build.house.start()
    try:
        for number in range(FRESH):
            author = people[number]
            with calling(Call(actor=author, roles=("user",))):
                word = f"quixotic{number}"
                post = await build.api(POSTS).create(
                    text=f"Something {word}", visibility=Scope.PUBLIC, language="en"
                )
                begun = time.perf_counter()
                while post.id not in await _find(build, word):
                    if time.perf_counter() - begun > 10:
                        raise TimeoutError(f"{word} is not found")
                    await asyncio.sleep(0.02)
                times.append(time.perf_counter() - begun)
            await asyncio.sleep(0.3)
    finally:
        await build.house.stop()
    return times


def _misspelt(dice: random.Random, word: str) -> str:
    place = dice.randrange(len(word))
    return word[:place] + "x" + word[place + 1 :]


async def search() -> list[Figure]:
    """All of it."""
    folder, dice = OUT / "search", random.Random(11)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    async with builder(folder, SETTINGS, SystemClock(), durable=True) as build:
        say(f"search: writing {ITEMS:,} posts")
        people, texts = await _fill(folder, build, dice)
        say("search: the index")
        rates = [await _rebuilt(build) for _ in range(3)]
        entries = await _entries(build)
        bare = [_bare(folder / f"bare{number}", entries) for number in range(3)]
        # What only the benchmark holds would have the collector walk through it between questions.
        del entries
        pairs = [" ".join(dice.sample(dice.choice(texts).split(), 2)) for _ in range(QUESTIONS)]
        del texts
        settle_memory()
        say("search: questions")
        await _asked(build, people, pairs[:300])
        times = await _asked(build, people, pairs)
        wrong = [
            " ".join(_misspelt(dice, word) if len(word) > 4 else word for word in pair.split())
            for pair in pairs[:500]
        ]
        misspelt = await _asked(build, people, wrong)
        say("search: new posts")
        soon = await _soon(build, people)
        await build.house.backends.fulltext.close()
    shutil.rmtree(folder)
    rate, plain = statistics.median(rates), statistics.median(bare)
    return [
        at_most(f"search {ITEMS:,} posts for two words, p99", times[int(len(times) * 0.99)], "ms", 10),
        note("search for two words, p50", times[len(times) // 2], "ms"),
        note("search for two misspelt words, p99", misspelt[int(len(misspelt) * 0.99)], "ms"),
        at_most("a new post is found, slowest of ten", max(soon), "s", 2),
        at_least("index made anew, of bare tantivy with the same documents", 100 * rate / plain, "%", 25),
        note("index made anew", rate, "documents/s"),
        note("bare tantivy", plain, "documents/s"),
    ]
