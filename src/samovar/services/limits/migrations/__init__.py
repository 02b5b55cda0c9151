"""Migrations of limits, in order."""
