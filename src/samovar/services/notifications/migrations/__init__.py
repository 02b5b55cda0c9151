"""Migrations of notifications, in order."""
