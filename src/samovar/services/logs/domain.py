"""Values and rules of logs: pure."""

from dataclasses import dataclass

from samovar.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Note:
    """Something that somebody wants to remember."""

    id: int
    owner_id: int
    text: str


def checked(text: str) -> str:
    """A note's text. Raises Invalid."""
    text = text.strip()
    if not text or len(text) > 1000:
        raise Invalid(fields={"text": "Write between 1 and 1000 characters."})
    return text
