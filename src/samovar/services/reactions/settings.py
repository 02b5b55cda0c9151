"""Settings of reactions: `[reactions]` in samovar.toml."""

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """One reaction that people can choose."""

    #: Its name in addresses: lower-case Latin letters, digits, underscores.
    type: str
    #: What is shown.
    emoji: str
    #: What it is called, in English.
    label: str


class Settings(msgspec.Struct, frozen=True):
    """Which reactions there are and how often they come."""

    #: The reactions in the order to show them; each needs `type`, `emoji` and `label`. Those that are
    #: taken away here are no longer shown, and come back when put back.
    types: tuple[Kind, ...] = (
        Kind("like", "❤", "Like"),
        Kind("laugh", "😄", "Funny"),
        Kind("wow", "😮", "Wow"),
        Kind("sad", "😢", "Sad"),
        Kind("thanks", "🙏", "Thanks"),
    )
    #: How many reactions one person can give at once.
    react_burst: int = 120
    #: How many of them come back per minute; 0 turns the limit off.
    react_per_minute: int = 60
    #: How many rows one write of a long removal takes.
    batch: int = 200
