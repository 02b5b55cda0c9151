"""Settings of limits: section `[limits]`."""

import msgspec


class LimitsSettings(msgspec.Struct, frozen=True):
    """Rules that go before those of the parts themselves, and how much operators may list."""

    #: Rules by action, such as "post = 20 at once, 10 a minute; search = off". They go before the settings
    #: of the parts; what operators change in the back rooms, where all actions are listed, goes before these.
    rules: str = ""
    #: Networks that may be listed at most: every process knows all of them.
    networks: int = 1000
