"""A partner's own settings, ready to be pasted (issue of the partner's console)."""
