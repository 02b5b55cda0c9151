"""Fixtures of the tests of adapters."""

import pytest

from samovar.kernel.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()
