"""Fixtures of the tests of adapters."""

import pytest

from samovar.kernel.clock import VirtualClock

pytest.register_assert_rewrite("tests.adapters.facts_suite")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()
