"""Tables of notifications."""

from sqlalchemy import MetaData

META = MetaData()
