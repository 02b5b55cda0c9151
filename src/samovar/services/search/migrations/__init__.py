"""Migrations of search, in order."""
