"""What each teacher decided, per partner and item, and the identifiers by which partners know her."""
