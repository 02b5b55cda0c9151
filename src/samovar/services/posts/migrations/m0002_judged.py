"""What moderators and the community's rules say of a post."""

from typing import Any

from sqlalchemy import Column, text

from samovar.kernel.db import Flag


def upgrade(op: Any) -> None:
    """Nothing is held or marked yet, and everybody was told of everything."""
    for name, value in (("held", "false"), ("sensitive", "false"), ("told", "true")):
        op.add_column("posts_post", Column(name, Flag, nullable=False, server_default=text(value)))
