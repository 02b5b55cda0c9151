"""What can go wrong here, and how it is said."""

import sys


class Unavailable(Exception):
    """A server can't be had, or did not do what it was asked to; the message is one line for a person."""


def say(text: str) -> None:
    """Tell the person at the terminal what takes long; results go to standard output, this does not."""
    print(text, file=sys.stderr, flush=True)
