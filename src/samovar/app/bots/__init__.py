"""Bots: members that are none, to see how a server fares with many. `samovar bots` runs them; the soak and
overload tests and the benchmark of overload stand on the same engine."""
