"""Every SQL statement of notifications."""
