"""Providers as real servers on this machine: what they were given, and how they misbehave when told to."""
