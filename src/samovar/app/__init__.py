"""Command line, topology and the composition root."""
