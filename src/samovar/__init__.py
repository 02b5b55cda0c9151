"""Samovar: a self-hosted home for a community, under one account."""

__version__ = "0.1.0"
