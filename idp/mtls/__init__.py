"""Client certificates (RFC 8705): reading and judging them, and the listener that asks for them."""
