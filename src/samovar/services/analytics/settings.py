"""Settings of analytics: `[analytics]` in samovar.toml."""

from typing import Annotated

import msgspec

from samovar.kernel.settings import Secret


class AnalyticsSettings(msgspec.Struct, frozen=True):
    """Where facts are counted and how long they are kept."""

    #: Address of a ClickHouse over HTTP that counts facts instead of our own tables, such as
    #: "http://name:password@host:8123/database"; empty: our own. Facts that are here already move there.
    clickhouse: Secret = Secret("")
    #: Seconds that we wait for it.
    clickhouse_seconds: Annotated[float, msgspec.Meta(gt=0, le=300)] = 30.0
    #: Days that single facts are kept. Our own numbers by day stay; a ClickHouse makes them from facts, so
    #: there they reach no farther back.
    keep_days: Annotated[int, msgspec.Meta(ge=30, le=36_500)] = 760
    #: Hours until an export is erased.
    export_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 48
    #: Lines that an export has at most.
    export_lines: Annotated[int, msgspec.Meta(ge=100, le=10_000_000)] = 1_000_000
