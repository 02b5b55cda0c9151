"""What a request says of where it goes and comes from, taken with care: any bytes may stand there."""

import re
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?")


def names_one_host(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether there is at most one Host header and it could be one (RFC 9112, 3.2)."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return False
    if not hosts or not hosts[0]:
        return True
    found = _HOST.fullmatch(hosts[0])
    return found is not None and int(found[1] or 0) < 65_536


def takes_one_click(path: str) -> bool:
    """Whether mail programs may post here on their own (RFC 8058): the link itself is the proof, no cookie
    counts, and what it does can be undone."""
    return path.startswith("/unsubscribe/")


def is_from(origin: str, hosts: Collection[str]) -> bool:
    """Whether an Origin header names one of these hosts."""
    try:
        return urlsplit(origin).netloc in hosts
    except ValueError:
        return False
