"""Processes and servers die, hang and come back under load: nothing acknowledged is lost, nothing doubled."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.split.conftest import Make
from tests.split.people import Ledger, Member, Rotation, check_ledger, eventually
from tools.backends import Backends
from tools.split import Split

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "10"))
SEED = int(os.environ.get("FAULT_SEED", "20261125"))
#: Requests a second during a rolling restart. Servers, processes and load share the machine: 150 wants
#: more than two cores.
RATE = float(os.environ.get("FAULT_RATE", "30"))
#: Seconds between one process being ready and the next being stopped: callers look again for one that was
#: away every two seconds at least.
SETTLED = 3.0
#: Seconds that Kafka is away.
OUTAGE = float(os.environ.get("FAULT_OUTAGE", "60"))


@asynccontextmanager
async def two(split: Split) -> AsyncIterator[tuple[Member, Member, Ledger]]:
    """An author, a follower, and a ledger."""
    ledger, rotation = Ledger(), Rotation(split)
    async with Member(rotation, ledger, "anna") as anna, Member(rotation, ledger, "boris") as boris:
        await boris.do("POST", f"/users/{anna.id}/follow")
        ledger.statuses.clear()
        yield anna, boris, ledger


@pytest.mark.timeout(120 + ROUNDS * 30)
async def test_each_process_in_turn_is_killed(make_split: Make) -> None:
    chance = random.Random(SEED)
    split = await make_split()  # type: ignore[misc]
    async with two(split) as (anna, boris, ledger):
        for number in range(ROUNDS):
            stop = asyncio.Event()
            writers = [asyncio.create_task(anna.write_until(stop, f"r{number} w{w}")) for w in range(6)]
            await asyncio.sleep(chance.uniform(0.3, 1.2))
            victim = split.processes[number % len(split.processes)]
            await asyncio.to_thread(victim.kill)
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            await asyncio.to_thread(victim.start)
            await asyncio.sleep(0.3)
            stop.set()
            await asyncio.gather(*writers)
        print(f"{ROUNDS} kills, seed {SEED}: {await check_ledger(boris, anna, ledger)}")


@pytest.mark.timeout(300 + OUTAGE)
async def test_kafka_is_away(make_split: Make, backends: Backends) -> None:
    split = await make_split()  # type: ignore[misc]
    async with two(split) as (anna, boris, ledger):
        ledger.statuses.clear()
        stop = asyncio.Event()
        writers = [asyncio.create_task(anna.write_until(stop, f"w{w}", pause=0.1)) for w in range(4)]
        await asyncio.sleep(2)
        await asyncio.to_thread(backends.kafka.stop)
        try:
            await asyncio.sleep(OUTAGE)
        finally:
            await asyncio.to_thread(backends.kafka.start)
        back = time.monotonic()
        await asyncio.sleep(2)
        stop.set()
        await asyncio.gather(*writers)
        found = await check_ledger(boris, anna, ledger, limit=60)
        print(f"Kafka away for {OUTAGE:.0f} s: {ledger.failed} requests failed, backlog drained within "
              f"{time.monotonic() - back:.0f} s; {found}")  # fmt: skip
        assert ledger.failed == 0
        # Order per key: an edit is heard after what it edits.
        post = await anna.post("first")
        await anna.do("PUT", f"/posts/{post['id']}", text="second")
        await anna.do("DELETE", f"/posts/{post['id']}")

        async def gone() -> bool:
            return post["id"] not in [item["id"] for item in (await boris.do("GET", "/feed"))["items"]]

        await eventually(gone)


@pytest.mark.timeout(240)
async def test_redis_is_flushed_and_killed(make_split: Make, backends: Backends) -> None:
    split = await make_split()  # type: ignore[misc]
    async with two(split) as (anna, boris, ledger):
        ledger.statuses.clear()
        stop = asyncio.Event()

        async def read() -> None:
            while not stop.is_set():
                for path in ("/feed", "/timelines/public", f"/users/{anna.id}", "/auth/validate"):
                    await boris.ask("GET", path)

        work = [asyncio.create_task(anna.write_until(stop, "w", pause=0.05)), asyncio.create_task(read())]
        await asyncio.sleep(1.5)
        from redis.asyncio import Redis

        redis = Redis.from_url(backends.redis.address)
        await redis.flushall()
        await redis.aclose()
        await asyncio.sleep(1.5)
        await asyncio.to_thread(backends.redis.kill)
        try:
            await asyncio.sleep(5)
            # New sessions begin without Redis too.
            async with Member(boris.rotation, ledger, "clara"):
                pass
        finally:
            await asyncio.to_thread(backends.redis.start)
        await asyncio.sleep(2)
        stop.set()
        await asyncio.gather(*work)
        print(f"Redis flushed, then killed for 5 s: {dict(ledger.statuses)}, slowest {ledger.slowest:.1f} s")
        assert ledger.failed == 0
        assert ledger.statuses[401] == 0, "sessions are kept"
        await check_ledger(boris, anna, ledger)


@pytest.mark.timeout(240)
async def test_postgresql_is_restarted(make_split: Make, backends: Backends) -> None:
    split = await make_split()  # type: ignore[misc]
    async with two(split) as (anna, boris, ledger):
        stop = asyncio.Event()
        writers = [asyncio.create_task(anna.write_until(stop, f"w{w}", pause=0.02)) for w in range(4)]
        await asyncio.sleep(1.5)
        await asyncio.to_thread(backends.postgresql.kill)
        await asyncio.sleep(3)
        refused = await boris.ask("GET", "/feed")
        assert refused is not None and refused.status_code == 503 and "retry-after" in refused.headers
        await asyncio.to_thread(backends.postgresql.start)

        async def works() -> bool:
            answer = await boris.ask("GET", "/feed")
            return answer is not None and answer.status_code == 200

        took = await eventually(works, 15)
        await asyncio.sleep(1)
        stop.set()
        await asyncio.gather(*writers)
        found = await check_ledger(boris, anna, ledger)
        print(f"PostgreSQL killed and started: works again after {took:.1f} s; {found}")


@pytest.mark.timeout(600)
async def test_a_rolling_restart_fails_no_request(make_split: Make) -> None:
    split = await make_split(instances=2)  # type: ignore[misc]
    async with two(split) as (anna, boris, ledger):
        rotation = anna.rotation
        for number in range(20):
            await anna.post(f"post {number}")
        ledger.statuses.clear()
        stop = asyncio.Event()
        late = 0

        async def open_load(rate: float) -> None:
            """So many requests a second, whether or not the earlier ones are answered."""
            nonlocal late
            paths = ("/feed", "/timelines/public", f"/users/{anna.id}", f"/users/{anna.id}/posts")
            tasks: set[asyncio.Task[object]] = set()
            due = time.monotonic()
            number = 0
            while not stop.is_set():
                number += 1
                if number % 10 == 0:
                    task = asyncio.create_task(anna.post(f"rolling {number}"))
                else:
                    task = asyncio.create_task(boris.do("GET", paths[number % 4], 200))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                due += 1 / rate
                wait = due - time.monotonic()
                late += wait < -1
                await asyncio.sleep(max(0, wait))
            await asyncio.gather(*tasks)

        rate = RATE
        load = asyncio.create_task(open_load(rate))
        await asyncio.sleep(2)
        for process in split.processes:
            # As a load balancer does it: out of rotation first, then drained.
            rotation.out.add(process.name)
            await asyncio.sleep(0.5)
            code = await asyncio.to_thread(process.stop)
            assert code == 0, f"{process.name} ended with {code}: {process.tail()}"
            await asyncio.to_thread(process.start)
            rotation.out.discard(process.name)
            await asyncio.sleep(SETTLED)
        stop.set()
        await load
        total = sum(ledger.statuses.values())
        print(f"{len(split.processes)} processes restarted at {rate:.0f}/s: {ledger.failed} of {total} "
              f"failed; {late} sent late; {dict(ledger.statuses)}")  # fmt: skip
        assert ledger.failed == 0
        await check_ledger(boris, anna, ledger)
