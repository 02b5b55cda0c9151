"""Settings of logs: section `[logs]`."""

import msgspec

from samovar.kernel.settings import Secret


class LogsSettings(msgspec.Struct, frozen=True):
    """How much is kept, and where else logs go."""

    #: Least level that is kept for the back rooms: "debug", "info", "warning", "error"; "off" keeps nothing.
    level: str = "info"
    #: Entries kept at most.
    entries: int = 50_000
    #: Days after which entries are forgotten.
    days: int = 7
    #: Entries that a process holds until they are brought away; more are dropped and counted.
    queue: int = 2000
    #: Loki's address, such as "http://loki:3100"; empty: none.
    loki: str = ""
    #: User of Loki, when it asks for one.
    loki_user: str = ""
    #: Password of Loki.
    loki_password: Secret = Secret("")
    #: Tenant of Loki, sent as X-Scope-OrgID; empty: none.
    loki_tenant: str = ""

    def __post_init__(self) -> None:
        if self.level not in ("debug", "info", "warning", "error", "off"):
            raise ValueError("level: choose debug, info, warning, error or off")
