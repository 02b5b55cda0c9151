"""Providers that failed again and again are left alone for a while, so that they hold up nobody."""

from typing import Final

import msgspec

from samovar.kernel.clock import SECOND

_FIRST_REST: Final = 30 * SECOND
_LONGEST_REST: Final = 600 * SECOND
#: So many hosts are remembered; beyond them those that are well are forgotten.
_MOST: Final = 1000


class _State(msgspec.Struct):
    failures: int = 0
    rest: int = 0
    until: int = 0


class Circuits:
    """Of one channel, by host. They are this process's own: each finds out for itself."""

    def __init__(self, failures: int) -> None:
        self._failures = failures
        self._states: dict[str, _State] = {}

    def rests_until(self, host: str, now: int) -> int:
        """When a host is to be tried again; 0 when it may be now."""
        state = self._states.get(host)
        return state.until if state and state.until > now else 0

    def trying(self, host: str) -> bool:
        """Whether it rested and has not answered well since: one message tells."""
        state = self._states.get(host)
        return state is not None and state.rest > 0

    def well(self, host: str) -> None:
        self._states.pop(host, None)

    def failed(self, host: str, now: int, retry_after: float = 0) -> bool:
        """Note a failure; answers whether the host rests now."""
        if len(self._states) >= _MOST and host not in self._states:
            self._states = {name: state for name, state in self._states.items() if state.until > now}
            if len(self._states) >= _MOST:
                return False
        state = self._states.setdefault(host, _State())
        state.failures += 1
        if state.failures < self._failures and not state.rest:
            return False
        state.rest = min(state.rest * 2 or _FIRST_REST, _LONGEST_REST)
        state.until = now + max(state.rest, min(int(retry_after * SECOND), _LONGEST_REST))
        return True
