"""Migrations of moderation, in order."""
