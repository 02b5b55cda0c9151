"""Migrations of logs, in order."""
