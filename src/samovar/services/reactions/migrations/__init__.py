"""Migrations of reactions."""
