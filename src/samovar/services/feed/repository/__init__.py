"""Every statement of feed: timelines that are read, and the projections behind them."""
