"""Migrations of delivery, in order."""
