"""Values and rules of limits: pure."""

from ipaddress import ip_network
from typing import Final, NamedTuple

from samovar.kernel.errors import Invalid

LONGEST_REASON: Final = 200
#: Wider networks than these are somebody's mistake.
WIDEST: Final = {4: 8, 6: 16}


class Network(NamedTuple):
    """A network on the list, as it is stored."""

    network: str
    stand: str
    reason: str
    until: int
    listed_at: int


def network(text: str) -> str:
    """A network or address in its one spelling. Raises Invalid."""
    try:
        parsed = ip_network(text.strip()[:64], strict=False)
    except ValueError:
        raise Invalid(fields={"network": "Write an address or a network, such as 203.0.113.0/24."}) from None
    if parsed.prefixlen < WIDEST[parsed.version]:
        raise Invalid(fields={"network": "This network is too wide."})
    return str(parsed)


def holds(network: str, address: str) -> bool:
    """Whether an address lies in a network."""
    try:
        inner = ip_network(address)
    except ValueError:
        return False
    outer = ip_network(network)
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def reason(text: str) -> str:
    """Why a network is listed. Raises Invalid."""
    text = " ".join(text.split())
    if len(text) > LONGEST_REASON:
        raise Invalid(fields={"reason": "Write at most 200 characters."})
    return text


def until(moment: int, now: int) -> int:
    """When a listing ends; 0 is never. Raises Invalid."""
    if moment < 0 or 0 < moment <= now:
        raise Invalid(fields={"until": "Choose a time that is to come."})
    return moment
