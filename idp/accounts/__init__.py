"""Accounts and their service data. Imports only ``config`` and ``scopes``, so it could move below ``clients``."""
