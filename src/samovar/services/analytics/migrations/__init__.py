"""Migrations of analytics, in order."""
