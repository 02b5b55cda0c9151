"""Everything that faces the world, over contracts only, and stateless."""
