"""The demo: the fictional data of DOMAIN §9, loaded once, and the two processes that show it."""
