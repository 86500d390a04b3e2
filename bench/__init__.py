"""The benchmark: CPU per operation of the running server and its database; never wall time."""
