"""The identity provider: protocol, accounts, sessions, keys, pages, and the composition root ``idp.app``."""
