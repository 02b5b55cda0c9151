"""What a write has done once it is durable: a signal, given for what is there and for nothing else."""

import pytest

from samovar.kernel.store import Tx
from tests.world import World


async def test_it_is_done_after_the_commit_and_never_without_it(world: World) -> None:
    db = world.house.workers["posts"].db
    done: list[str] = []

    def note(tx: Tx, word: str) -> None:
        async def act() -> None:
            done.append(word)

        tx.after(act)

    async def work(tx: Tx) -> None:
        note(tx, "first")

        async def step() -> None:
            note(tx, "undone")
            raise KeyError

        with pytest.raises(KeyError):
            await tx.attempt(step)
        note(tx, "second")
        assert done == []

    await db.write(work)
    assert done == ["first", "second"]

    async def fails(tx: Tx) -> None:
        note(tx, "never")
        raise KeyError

    with pytest.raises(KeyError):
        await db.write(fails)
    assert done == ["first", "second"]


async def test_a_signal_that_fails_undoes_nothing(world: World) -> None:
    db = world.house.workers["posts"].db
    done: list[int] = []

    async def work(tx: Tx) -> int:
        async def fail() -> None:
            raise OSError

        async def act() -> None:
            done.append(1)

        tx.after(fail)
        tx.after(act)
        return 7

    assert await db.write(work) == 7
    assert done == [1]
