"""Migrations of identity, in order."""
