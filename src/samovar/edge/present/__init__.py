"""Turns contracts' messages into what a viewer is shown, one `get_many` per context."""
