"""Memories of hot paths answer what making anew would, and stay bounded."""

from samovar.kernel.memo import Derived, Interned, Latest


def test_equal_values_become_one_object() -> None:
    same: Interned[int, list[int]] = Interned(10)
    first = [1]
    assert same(1, first) is first
    assert same(1, [1]) is first
    changed = same(1, [2])
    assert changed == [2] and same(1, [2]) is changed


def test_what_is_derived_is_made_once_per_source_object() -> None:
    made: list[tuple[object, ...]] = []

    def make(*sources: object) -> str:
        made.append(sources)
        return repr(sources)

    derived = Derived(make, 10)
    one, other = [1], [1]
    assert derived(one, True) == derived(one, True) == "([1], True)"
    assert derived(one, False) == "([1], False)"
    assert derived(other, True) == "([1], True)"
    assert len(made) == 3, "equal is not the same"


def test_the_latest_source_of_a_key_decides() -> None:
    made: list[int] = []

    def make(source: tuple[int, ...]) -> int:
        made.append(len(made))
        return sum(source)

    latest: Latest[tuple[int, ...], int] = Latest(make, 10)
    assert [latest("a", (1, 2)), latest("a", (1, 2)), latest("a", (3,)), latest("a", (1, 2))] == [3, 3, 3, 3]
    assert len(made) == 3


def test_memories_are_bounded_and_forget_the_oldest() -> None:
    same: Interned[int, int] = Interned(8)
    for number in range(100):
        same(number, number)
    assert len(same._kept) <= 8 and 99 in same._kept and 0 not in same._kept
    derived = Derived(lambda source: source, 8)
    for number in range(1000, 1100):
        derived(str(number))
    assert len(derived._kept) <= 8
