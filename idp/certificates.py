"""STAND-IN of the lead, replaced by the helper."""


class BadCertificate(Exception):
    """x."""


def certificate_of(environ: object) -> None:
    """x."""
