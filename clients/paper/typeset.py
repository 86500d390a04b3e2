"""Set a paper: a template of ours with data, embedded fonts of a package, the same bytes for the same data."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc  # type: ignore[import-untyped]
import typst

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(noto_cjk_sans_otc.__file__).parent


def pdf(template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return a PDF. ``data`` reach the template as JSON: nothing in them is markup, nothing names a file."""
    made: bytes = typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )
    return made
