"""The papers by their pages: downloads, for those who see the case."""

import pytest

from tests.clients.pages.conftest import Pages
from tests.support.cases import ADMIN, APPLICANT, OFFICER, Procedure


@pytest.mark.parametrize("path", ["form.pdf", "tests.pdf"])
def test_a_paper_is_a_download(pages: Pages, procedure: Procedure, path: str) -> None:
    """For the partner and for readers; others have no such case."""
    case = procedure.testing()
    for account in (APPLICANT, OFFICER, ADMIN, "natrev01"):
        response = pages(account).get(f"/cases/{case}/{path}").response
        assert response.data.startswith(b"%PDF-")
        assert response.headers["Content-Disposition"].startswith("attachment;")
    assert pages("ptnoff01").get(f"/cases/{case}/{path}").status == 404


def test_the_letter_is_for_those_who_write_it(pages: Pages, procedure: Procedure) -> None:
    """Once the case is live."""
    case = procedure.live()
    assert pages(ADMIN).get(f"/cases/{case}/confirmation.pdf").response.data.startswith(b"%PDF-")
    assert pages(OFFICER).get(f"/cases/{case}/confirmation.pdf").status == 403
    assert pages(ADMIN).get(f"/cases/{procedure.open()}/confirmation.pdf").status == 403
