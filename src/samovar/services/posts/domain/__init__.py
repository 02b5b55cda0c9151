"""What a post is and what rules it keeps: pure values and functions."""
