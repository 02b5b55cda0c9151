"""Every SQL statement of moderation, one file per family."""
