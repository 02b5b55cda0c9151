"""PostgreSQL behind the kernel's Engine."""

from samovar.adapters.postgres.engine import PostgresEngine

__all__ = ["PostgresEngine"]
