"""Study records: those of a teacher in the database, and those that a page shows."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from sqlalchemy import select

from idp.records import RecordSource, StudyRecord
from tests.pages import Page
from tests.support.office import Office


def recorded(office: Office, person: Mapping[str, Any]) -> list[str]:
    """Return the courses of the Network that she attended, by name."""
    hers = (StudyRecord.account_id == office.id_of(person), StudyRecord.source == RecordSource.NETWORK)
    return sorted(office.rows(select(StudyRecord.course).where(*hers)))


def shown_records(page: Page) -> list[str]:
    """Return the courses on the page, by name."""
    return sorted(unescape(name) for name in re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', page.html))
