"""One folder per bounded context. They speak contracts and events only; none imports another."""
