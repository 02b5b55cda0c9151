"""A picture at the top of the page."""

from typing import Any

from sqlalchemy import Column

from samovar.kernel.db import Id


def upgrade(op: Any) -> None:
    """Add it; nobody has one yet."""
    op.add_column("profiles_profile", Column("header_media_id", Id, nullable=False, server_default="0"))
