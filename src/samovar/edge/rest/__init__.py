"""The public REST, one module per context, over contracts only."""
