"""The cooperation procedure (DOMAIN §3): one table of transitions, their guards, evidence and effects, and the commands."""
