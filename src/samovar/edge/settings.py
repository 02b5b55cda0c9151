"""Settings of the edge."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from samovar.kernel.limiter import Policy, policy


class EdgeSettings(msgspec.Struct, frozen=True):
    """What the edge takes, how long it waits and what it believes: `[edge]` in samovar.toml."""

    #: Longest request body, in bytes.
    max_body: int = 1_048_576
    #: Longest request body with files, in bytes.
    max_upload: int = 140_000_000
    #: Bytes per second that a body with files must come with, after its first `body_seconds`.
    upload_pace: int = 16_384
    #: Seconds in which a body with files must be here, however it comes.
    upload_seconds: float = 900
    #: Seconds for which browsers and caches may keep pictures and films without asking again.
    media_cache_seconds: int = 600
    #: Where browsers find the object store, such as "https://files.example.org": they fetch films there.
    media_origin: str = ""
    #: Seconds in which the head of a request must be here.
    head_seconds: float = 10
    #: Seconds in which its body must be here.
    body_seconds: float = 20
    #: Seconds until an answer is given up with 503.
    request_seconds: float = 20
    #: How long answers to strangers' GETs are kept, in seconds; 0 turns it off.
    anonymous_cache_seconds: float = 3
    #: "on", or "off" where something in front limits requests.
    rate_limits: Literal["on", "off"] = "on"
    #: Requests per minute of one address or person that read.
    reads_per_minute: int = 600
    #: Pictures and films per minute that one address or person is given.
    files_per_minute: int = 3000
    #: Requests per minute of one address or person that write.
    writes_per_minute: int = 120
    #: Requests per minute of one address that sign in, sign up or ask for a letter.
    sign_ins_per_minute: int = 20
    #: Searches per minute of one address or person.
    searches_per_minute: int = 120
    #: Reports per minute of one person.
    reports_per_minute: int = 20
    #: Requests that this process answers or has in line at once; more are refused with 503. 0: any number.
    at_once: int = 1000
    #: Seconds that a request may have to wait for its turn; who would wait longer is refused. 0: for ever.
    queue_seconds: float = 0.3
    #: Where operators find Grafana, such as "https://grafana.example.org"; the room of figures links there.
    grafana: str = ""
    #: Other sites' origins whose scripts may call the API, separated by spaces; "*" for any.
    cors_origins: str = ""
    #: Believe X-Forwarded-For and X-Request-ID: only behind a proxy that sets them.
    trust_proxy: bool = False
    #: Seconds that a session found good is believed without asking again.
    session_cache_seconds: float = 5
    #: Live connections (sockets and event streams) that this process holds at most.
    sockets: int = 10_000
    #: Live connections of one person to this process.
    sockets_per_person: int = 20
    #: Items and lists that one live connection listens to.
    channels_per_socket: int = 100
    #: Messages per second that a socket takes from its client, over some seconds.
    socket_messages: float = 5

    def limits(self) -> Mapping[str, Policy]:
        """What the gateway limits, by action."""
        found = {
            "read": self.reads_per_minute, "file": self.files_per_minute, "write": self.writes_per_minute,
            "sign-in": self.sign_ins_per_minute, "search": self.searches_per_minute,
            "report": self.reports_per_minute, "live": self.reads_per_minute,
        }  # fmt: skip
        return {action: policy(most, most) for action, most in found.items()}
