"""The SCIM 2.0 interface (RFC 7643, RFC 7644), by which systems of authorities push teachers and their assignments."""
