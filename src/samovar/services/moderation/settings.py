"""Settings of moderation: `[moderation]` in samovar.toml."""

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """How often people report, who counts as new, how long things are kept."""

    #: How many reports one person can make at once.
    report_burst: int = 20
    #: How many of them come back per hour; 0 turns the limit off.
    report_per_hour: int = 30
    #: For how many days decisions can be appealed.
    appeal_days: int = 180
    #: For how many days after a case is closed its evidence is kept.
    evidence_days: int = 180
    #: A member is new for so many days, and until they have made so many items.
    new_days: int = 3
    #: See `new_days`.
    new_items: int = 5
    #: A member is trusted after so many days with so many items.
    trusted_days: int = 60
    #: See `trusted_days`.
    trusted_items: int = 100
