"""Pages of the provider itself: log-in, account, refusal."""
