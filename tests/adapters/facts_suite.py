"""What every store behind the kernel's Facts must do: the same questions get the answers of a plain list."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from samovar.kernel.clock import DAY, HOUR
from samovar.kernel.facts import (
    ACTS,
    DAYS,
    MEASURES,
    MONTHS,
    OWN,
    WEEKS,
    WEIGHTS,
    Cohort,
    Fact,
    Facts,
    ItemNumbers,
    PersonNumbers,
    Steps,
    day_of,
    month_of,
    week_of,
)
from samovar.kernel.ids import first_id_at

#: A Monday, the sixth of January 2025.
START = 20_094
NAMES = ("registered", "left", "created", "followed", "unfollowed", "reacted", "viewed", "shared", "active")
BEGINNINGS: dict[int, Callable[[int], int]] = {DAYS: lambda day: day, WEEKS: week_of, MONTHS: month_of}


class Plain:
    """Facts as a list: answers are computed from all of them each time."""

    def __init__(self) -> None:
        self.facts: dict[tuple[int, str], Fact] = {}

    def take(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.facts.setdefault((fact.id, fact.name), fact)

    def forget(self, user_id: int, stand_in: int, *, whole: bool) -> None:
        for key, fact in self.facts.items():
            changed = fact._replace(actor_id=stand_in) if fact.actor_id == user_id else fact
            if whole and fact.owner_id == user_id:
                item = 0 if fact.kind == "person" else fact.item_id
                changed = changed._replace(owner_id=0, item_id=item)
            self.facts[key] = changed

    def within(self, first: int, last: int) -> list[Fact]:
        return [fact for fact in self.facts.values() if first <= day_of(fact.at) <= last]

    def counts(self, names: Sequence[str], first: int, last: int) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for fact in self.within(first, last):
            if fact.name in names:
                days = found.setdefault(fact.name, {})
                days[day_of(fact.at)] = days.get(day_of(fact.at), 0) + 1
        return found

    def people(self, span: int, first: int, last: int) -> dict[int, int]:
        found = defaultdict(set)
        for fact in self.facts.values():
            start = BEGINNINGS[span](day_of(fact.at))
            if fact.actor_id and first <= start <= last:
                found[start].add(fact.actor_id)
        return {start: len(people) for start, people in found.items()}

    def active(self, first: int, last: int) -> int:
        return len({fact.actor_id for fact in self.within(first, last)} - {0})

    def members(self, last: int) -> int:
        names = Counter(fact.name for fact in self.facts.values() if day_of(fact.at) <= last)
        return names["registered"] - names["left"]

    def came(self) -> dict[int, int]:
        """The day on which each person registered."""
        found: dict[int, int] = {}
        for fact in self.facts.values():
            if fact.name == "registered" and fact.actor_id:
                day = day_of(fact.at)
                found[fact.actor_id] = min(found.get(fact.actor_id, day), day)
        return found

    def cohorts(self, first: int, last: int) -> list[Cohort]:
        weeks = defaultdict(set)
        for user_id, day in self.came().items():
            weeks[week_of(day)].add(user_id)
        there = {(fact.actor_id, week_of(day_of(fact.at))) for fact in self.facts.values()}
        return [
            Cohort(
                week,
                len(weeks[week]),
                tuple(sum((u, at) in there for u in weeks[week]) for at in range(week, last + 1, 7)),
            )
            for week in sorted(weeks)
            if first <= week <= last
        ]

    def steps(self, first: int, last: int) -> Steps:
        people = {user_id: day for user_id, day in self.came().items() if first <= day <= last}
        did = defaultdict(set)
        seen: dict[int, int] = {}
        for fact in self.facts.values():
            did[fact.name].add(fact.actor_id)
            seen[fact.actor_id] = max(seen.get(fact.actor_id, 0), day_of(fact.at))
        followed = set(people) & did["followed"]
        posted = followed & did["created"]
        return Steps(
            len(people),
            len(followed),
            len(posted),
            sum(seen[u] > people[u] for u in posted),
        )

    def items(self, facts: Iterable[Fact]) -> list[ItemNumbers]:
        gone = {(fact.kind, fact.item_id) for fact in self.facts.values() if fact.name == "removed"}
        sums: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
        owners: dict[tuple[str, int], int] = {}
        for fact in facts:
            item = (fact.kind, fact.item_id)
            if fact.name in MEASURES and fact.kind != "person" and fact.item_id and item not in gone:
                measure, sign = MEASURES[fact.name]
                sums[item][measure] += sign
                owners[item] = max(owners.get(item, 0), fact.owner_id)
        return [
            ItemNumbers(
                *item, owners[item], *(measures[name] for name in WEIGHTS),
                sum(weight * measures[name] for name, weight in WEIGHTS.items()),
            )
            for item, measures in sums.items()
        ]  # fmt: skip

    def ranked(self, facts: Iterable[Fact], limit: int) -> list[ItemNumbers]:
        found = [item for item in self.items(facts) if item.score > 0]
        return sorted(found, key=lambda item: (-item.score, -item.id, item.kind))[:limit]

    def popular(self, kind: str, first: int, last: int, limit: int) -> list[ItemNumbers]:
        return self.ranked([f for f in self.within(first, last) if not kind or f.kind == kind], limit)

    def own_items(self, owner_id: int, first: int, last: int, limit: int) -> list[ItemNumbers]:
        return self.ranked([f for f in self.within(first, last) if f.owner_id == owner_id], limit)

    def most_active(self, first: int, last: int, limit: int) -> list[PersonNumbers]:
        days, acts = defaultdict(set), Counter[int]()
        for fact in self.within(first, last):
            days[fact.actor_id].add(day_of(fact.at))
            acts[fact.actor_id] += fact.name in ACTS
        found = [PersonNumbers(user, len(on), acts[user]) for user, on in days.items() if user > 0]
        return sorted(found, key=lambda p: (-p.acts, -p.days, -p.user_id))[:limit]

    def own(self, owner_id: int, first: int, last: int) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for fact in self.within(first, last):
            if fact.owner_id == owner_id and fact.name in OWN:
                name, sign = OWN[fact.name]
                if (name, fact.kind) == ("viewed", "person"):
                    name = "visited"
                days = found.setdefault(name, {})
                days[day_of(fact.at)] = days.get(day_of(fact.at), 0) + sign
        return found

    def rows(self, what: str, day: int) -> list[tuple[Any, ...]]:
        facts = self.within(day, day)
        if what == "days":
            return sorted((*key, number) for key, number in Counter((f.name, f.kind) for f in facts).items())
        if what == "content":
            return sorted(map(tuple, self.items(facts)))
        people = self.most_active(day, day, len(facts))
        return sorted(map(tuple, people))


def history(
    dice: random.Random, number: int, people: int = 12, items: int = 30, days: int = 100
) -> list[Fact]:
    """A history in which things happen before what they rest on, again, and at each other's borders."""
    owners = {
        ("post" if item % 3 else "recipe", 1000 + item): dice.randint(1, people) for item in range(items)
    }
    facts = []
    for _ in range(number):
        at = (START + dice.randrange(days)) * DAY + dice.choice((0, dice.randrange(DAY), DAY - 1, 3 * HOUR))
        name = dice.choice(
            ("registered", "left", "created", "followed", "unfollowed", "active", "uploaded", "edited")
            + ("viewed", "reacted") * 3
            + tuple(MEASURES)
        )
        if dice.random() < 0.004:
            name = "removed"
        actor = 0 if name == "left" or dice.random() < 0.1 else dice.randint(1, people)
        fact = Fact(first_id_at(at) + dice.randrange(1 << 20), name, at, actor)
        if name in ("followed", "unfollowed") or (name == "viewed" and dice.random() < 0.2):
            whom = dice.randint(1, people)
            fact = fact._replace(kind="person", item_id=whom, owner_id=whom)
        elif name in (*MEASURES, "created", "edited", "removed"):
            (kind, item), owner = dice.choice(list(owners.items()))
            fact = fact._replace(kind=kind, item_id=item, owner_id=owner)
        facts.append(fact)
        other = dice.choice(("replied", "quoted"))
        if dice.random() < 0.1 and other != name:  # one event tells of two things
            (kind, item), owner = dice.choice(list(owners.items()))
            facts.append(fact._replace(name=other, kind=kind, item_id=item, owner_id=owner))
    dice.shuffle(facts)
    return facts


async def check(facts: Facts, plain: Plain, dice: random.Random, days: int = 100) -> None:
    """All questions get the same answers, for periods that begin and end anywhere."""
    last_day = START + days - 1
    periods = [(START, last_day), (START + 25, START + 25), (START + 26, START + 82)]
    for _ in range(4):
        first = START + dice.randrange(days)
        periods.append((first, dice.randint(first, last_day + 5)))
    for first, last in periods:
        assert await facts.counts(NAMES, first, last) == plain.counts(NAMES, first, last)
        for span in (DAYS, WEEKS, MONTHS):
            assert await facts.people(span, first, last) == plain.people(span, first, last)
        assert await facts.active(first, last) == plain.active(first, last)
        assert await facts.members(last) == plain.members(last)
        assert await facts.steps(first, last) == plain.steps(first, last)
        for kind in ("", "post", "recipe", "teapot"):
            assert await facts.popular(kind, first, last, 20) == plain.popular(kind, first, last, 20)
        assert await facts.most_active(first, last, 8) == plain.most_active(first, last, 8)
        weeks = week_of(first), week_of(last)
        assert await facts.cohorts(*weeks) == plain.cohorts(*weeks)
        for owner in (1, 2, 99):
            assert await facts.own(owner, first, last) == plain.own(owner, first, last)
            assert await facts.own_items(owner, first, last, 9) == plain.own_items(owner, first, last, 9)
        for what in ("days", "content", "people"):
            whole = plain.rows(what, first)
            found = [*await facts.rows(what, first, 0, 3), *await facts.rows(what, first, 3, 1000)]
            assert list(map(tuple, found)) == whole


def without(fact: Fact, gone: set[int]) -> Fact:
    """A late fact, as it is told once people are gone."""
    if fact.owner_id in gone:
        fact = fact._replace(owner_id=0, item_id=0 if fact.kind == "person" else fact.item_id)
    return fact._replace(actor_id=0) if fact.actor_id in gone else fact


async def answers_like_a_list(facts: Facts, seed: int) -> None:
    """Facts come in any order, in pieces, again; people are forgotten in between."""
    dice, plain = random.Random(seed), Plain()
    every = history(dice, 1200)
    here, forgotten, gone = 0, iter((3, 7)), set[int]()
    while here < len(every):
        size = dice.choice((1, 40, 300, 700))
        piece = [*every[here : here + size], *dice.sample(every[:here], min(here, 20))]
        # What was told before its teller was forgotten comes back as it is now.
        piece = [plain.facts.get((fact.id, fact.name), without(fact, gone)) for fact in piece]
        here += size
        await facts.take(piece)
        plain.take(piece)
        if dice.random() < 0.5 and (user_id := next(forgotten, None)):
            if whole := user_id == 3:
                gone.add(user_id)
            await facts.forget(user_id, -1000 - here, whole=whole)
            plain.forget(user_id, -1000 - here, whole=whole)
    await check(facts, plain, dice)


async def keeps_its_answers(facts: Facts) -> None:
    """Nothing yet, the same again, and numbers below nothing."""
    await check(facts, Plain(), random.Random(1))
    at, plain = START * DAY, Plain()
    lost = [
        Fact(first_id_at(at) + 1, "unreacted", at, 5, "post", 9, 4),
        Fact(first_id_at(at) + 2, "reacted", at + DAY, 5, "post", 9, 4),
        Fact(first_id_at(at) + 3, "registered", at, 5),
        Fact(first_id_at(at) + 3, "created", at, 5, "post", 9, 5),
    ]
    for _ in range(2):
        await facts.take(lost)
        plain.take(lost)
    await check(facts, plain, random.Random(2))
    await facts.take([])
    gone = Fact(first_id_at(at) + 4, "removed", at + 2 * DAY, 5, "post", 9, 5)
    late = Fact(first_id_at(at) + 5, "viewed", at + 2 * DAY, 6, "post", 9, 4)
    for fact in (gone, late):
        await facts.take([fact])
        plain.take([fact])
    assert await facts.popular("", START, START + 5, 10) == []
    await check(facts, plain, random.Random(3))
