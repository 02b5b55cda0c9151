"""One place for request ids, tokens, CSRF, rate limits, caches, limits of size and time, headers."""
