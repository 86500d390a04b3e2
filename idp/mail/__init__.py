"""Mail to people: written into a queue by the transaction that causes it, sent by a process beside the server."""
