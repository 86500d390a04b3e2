"""Duties while live (DOMAIN §3.8): periodic confirmation, contacts, what expires, the public register."""
