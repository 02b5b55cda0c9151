"""The split life: real servers, several processes, and bad days."""
