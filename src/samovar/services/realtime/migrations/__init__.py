"""Migrations of realtime, in order."""
