"""Every SQL statement of posts."""
