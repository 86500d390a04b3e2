"""Servers that some tests start themselves, where this machine has them; their packages put them outside PATH."""

import os
import shutil
from pathlib import Path

SYSTEM = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"))
APACHE_MODULES = Path("/usr/lib/apache2/modules")


def find_apache() -> str | None:
    """Return the path of an Apache that has mod_auth_openidc, or None."""
    return shutil.which("apache2", path=SYSTEM) if (APACHE_MODULES / "mod_auth_openidc.so").exists() else None


def find_nginx() -> str | None:
    """Return the path of an nginx, or None."""
    return shutil.which("nginx", path=SYSTEM)
