"""Settings of media: `[media]` in samovar.toml."""

import msgspec

MIB = 1 << 20


class Settings(msgspec.Struct, frozen=True):
    """What is taken, how much of it, and what opening it may cost."""

    #: Largest picture, in bytes.
    picture_bytes: int = 30 * MIB
    #: Largest film, in bytes.
    film_bytes: int = 100 * MIB
    #: Most pixels of a picture.
    pixels: int = 40_000_000
    #: Most frames of an animation.
    frames: int = 1000
    #: Most pixels of all its frames together.
    moving_pixels: int = 400_000_000
    #: Longest film, in seconds.
    film_seconds: int = 180
    #: Most pixels of one frame of a film.
    film_pixels: int = 8_900_000
    #: Most files of one person.
    files_per_person: int = 5000
    #: Most bytes of one person's files, all their forms together.
    bytes_per_person: int = 2048 * MIB
    #: How many files one person can send at once.
    upload_burst: int = 60
    #: How many of them come back per minute; 0 turns the limit off.
    upload_per_minute: int = 30
    #: Processes that open files.
    workers: int = 2
    #: Most memory of each of them, in bytes.
    worker_bytes: int = 512 * MIB
    #: Seconds that opening a file may take.
    open_seconds: int = 10
    #: Seconds that making a film may take; less than a job's lease of 300.
    make_seconds: int = 240
    #: Must a moderator see a file before others do?
    review_first: bool = False
    #: How many bits of 64 two pictures' looks may differ in and still be the same banned picture.
    ban_distance: int = 4
    #: Seconds after which a file that stands nowhere is removed.
    unused_seconds: int = 86_400
    #: Seconds for which it is believed who may see an item.
    audience_seconds: float = 5
