"""Migrations of graph."""
