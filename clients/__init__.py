"""Cooperation cases and the clients that follow from them: a client has no data items but those its case approved."""
