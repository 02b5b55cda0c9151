"""Values and rules of search."""
