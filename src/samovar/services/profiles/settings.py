"""Settings of profiles."""

import msgspec


class ProfilesSettings(msgspec.Struct, frozen=True):
    """How much people may say of themselves, and how long profiles are kept in the cache."""

    #: Characters of a display name, as people count them.
    name_limit: int = 50
    #: Characters of a bio, as people count them.
    bio_limit: int = 500
    #: Rows of a profile's table.
    max_fields: int = 8
    #: Seconds that a profile stays in the cache.
    cache_seconds: int = 60
