"""Diagnoses of clients in plain words: what happened, what came, what is registered, what to change."""
