"""Small modules that every service stands on: no business, no vendor SDK."""
