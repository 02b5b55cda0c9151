"""HTTP to providers: every wait limited, no redirects, answers read only so far; and how addresses that
strangers give are kept from leading inside."""

import asyncio
import socket
from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from samovar.kernel.clock import SECOND, Clock
from samovar.kernel.messengers import Later, Refused

if TYPE_CHECKING:
    from httpx import AsyncClient

#: Bytes of an answer that are read.
_READ: Final = 4096
#: Names that connections are kept to.
_HOSTS: Final = 16
_NAT64: Final = ip_network("64:ff9b::/96")


class Answer(NamedTuple):
    """What a provider answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Its beginning, in a line."""
        return " ".join(self.body[:300].decode(errors="replace").split())


class Outside:
    """A client for one provider, made when it is first used."""

    def __init__(self, timeout: float, *, http2: bool = False) -> None:
        self._timeout = timeout
        self._http2 = http2
        #: By the name that a server must prove. A connection is never used for another name, though two
        #: may have one address.
        self._clients: dict[str, AsyncClient] = {}

    async def post(self, url: str, *, headers: Mapping[str, str], content: bytes, sni: str = "") -> Answer:
        """Post and read the answer's beginning. Raises Later when there is none."""
        import httpx

        client = self._client(sni)
        extensions: dict[str, Any] = {"sni_hostname": sni} if sni else {}
        try:
            async with client.stream(
                "POST", url, headers=dict(headers), content=content, extensions=extensions
            ) as response:
                body = b""
                async for chunk in response.aiter_raw(_READ):
                    body += chunk
                    if len(body) >= _READ:
                        break
                return Answer(response.status_code, response.headers, body[:_READ])
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Later(f"no answer: {str(error) or type(error).__name__}", provider=True) from error

    def _client(self, sni: str) -> "AsyncClient":
        import httpx

        many = len(self._clients) >= _HOSTS and sni not in self._clients
        client = self._clients.get("many" if many else sni)
        if client is None:
            limits = httpx.Limits(max_keepalive_connections=0 if many else 8, keepalive_expiry=30)
            client = httpx.AsyncClient(
                http2=self._http2, timeout=self._timeout, limits=limits, follow_redirects=False,
                trust_env=False,
            )  # fmt: skip
            self._clients["many" if many else sni] = client
        return client

    async def close(self) -> None:
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()


def retry_after(answer: Answer, clock: Clock) -> float:
    """Seconds that an answer asks to wait: given as such or as a date; 0 when it does not say."""
    text = answer.headers.get("retry-after", "")
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - clock.now() / SECOND)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def unwell(answer: Answer, clock: Clock) -> None:
    """Raises Later for what any message would be answered now: too many requests, or a server in trouble."""
    if answer.status == 429 or answer.status >= 500:
        raise Later(
            f"{answer.status} {answer.text}",
            retry_after=retry_after(answer, clock),
            provider=answer.status >= 500,
        )


class Place(NamedTuple):
    """Where a request goes: an address that was looked up and checked, and the name that it stands for."""

    url: str
    host: str
    sni: str


async def place_of(url: str, allowed: Collection[str], timeout: float) -> Place:
    """An https address that a stranger gave, led to a public address of the network and to no other: its
    name is looked up once, here. `allowed` names hosts that may be private and spoken to by plain http.
    Raises Refused, Later."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("this is not an address") from error
    trusted = host in allowed
    if (
        not host
        or parts.username is not None
        or parts.scheme not in (("https", "http") if trusted else ("https",))
    ):
        raise Refused("only https addresses are used")
    if trusted:
        return Place(url, parts.netloc, "")
    port = port or 443
    try:
        async with asyncio.timeout(timeout):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Later("its name can't be looked up", provider=True) from error
    numbers = [str(entry[4][0]) for entry in found]
    if not numbers or not all(is_public(number) for number in numbers):
        raise Refused("it leads to a private network")
    number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    return Place(parts._replace(netloc=f"{number}:{port}").geturl(), parts.netloc, host)


def is_public(number: str) -> bool:
    """Whether a network address is one of the open internet."""
    address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(str(inner))
        if address in _NAT64 or address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast
