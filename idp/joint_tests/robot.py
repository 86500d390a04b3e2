"""The robot: a browser, a site, its accounts, and what our side knows of the sign-ins that it makes."""

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from clients import registry
from clients.registry import RegisteredClient
from config.database import db
from config.settings import settings
from consent import ledger
from idp.accounts.accounts import fold
from idp.accounts.models import Account
from idp.joint_tests.site import SiteDescription, TestAccount, TestAccounts
from idp.joint_tests.visitor import Unexpected, Visitor, visit
from idp.sign_ins import SignIn

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@dataclass(frozen=True, slots=True)
class Robot:
    """The robot at one site; ``actor`` is who runs it."""

    browser: "Browser"
    client: RegisteredClient
    site: SiteDescription
    accounts: TestAccounts
    actor: str

    def visit(self) -> AbstractContextManager[Visitor]:
        """Open a fresh browser window at the site."""
        return visit(self.browser, self.site, settings().issuer)

    def forget(self, who: TestAccount) -> int:
        """Withdraw what a test account agreed to before, so that it is asked; return its number."""
        with db.session.begin():
            found = db.session.execute(
                select(Account.id, Account.is_test_account).where(Account.login_name == fold(who.account))
            ).one_or_none()
        if found is None or not found.is_test_account:
            raise Unexpected(f"{who.account} 不是測試帳號")
        with suppress(ledger.NothingToWithdraw):
            ledger.withdraw(found.id, self.client.client_id, now=datetime.now(UTC))
        return int(found.id)

    def released(self, account_id: int, since: datetime) -> frozenset[str]:
        """Return the items of the newest sign-in since an instant."""
        mine = (SignIn.client_id == self.client.client_id, SignIn.account_id == account_id, SignIn.issued_at >= since)
        with db.session.begin():
            query = select(SignIn.released).where(*mine).order_by(SignIn.id.desc()).limit(1)
            found = db.session.scalars(query).one_or_none()
        if found is None:
            raise Unexpected("本網沒有收到合作網站兌換授權碼的請求")
        return frozenset(found)


def client_of_case(case_id: int) -> RegisteredClient | None:
    """Return the test client of a case."""
    return next((one for one in registry.everyone().values() if one.case_id == case_id and one.is_test), None)
