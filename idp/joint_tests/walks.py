"""Walk TC-1 to TC-8 at a partner's test site; where a person is needed, say so (D-42)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from config.outbound import OutboundError, request
from config.settings import settings
from idp import probes
from idp.joint_tests.robot import Robot
from idp.joint_tests.visitor import Unexpected, Visitor
from scopes.items import ORDER

BACK_CHANNEL_SECONDS = 15
"""How long the partner may show a session that was ended here."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test found. ``passed`` None: a person has to look."""

    test: str
    passed: bool | None
    note: str


def run(robot: Robot, wanted: tuple[str, ...]) -> Iterator[Verdict]:
    """Give the verdict of each test as it is found."""
    for name, test in TESTS.items():
        if name in wanted:
            yield _verdict(robot, name, test)


def _verdict(robot: Robot, name: str, test: "Test") -> Verdict:
    from playwright.sync_api import Error

    try:
        return Verdict(name, *test(robot))
    except Unexpected as found:
        return Verdict(name, passed=False, note=str(found))
    except Error as error:
        return Verdict(name, passed=False, note=f"頁面沒有出現或無法操作：{str(error).splitlines()[0][:300]}")


Found = tuple[bool | None, str]
Test = Callable[[Robot], Found]


def _names(items: frozenset[str]) -> str:
    return "、".join(item.label_zh for item in ORDER if item.value in items) or "無"


@contextmanager
def _signed_in(robot: Robot) -> Iterator[Visitor]:
    """Enter as the test teacher, who agrees to what is asked."""
    with robot.visit() as she:
        she.start()
        she.log_in(robot.accounts.teacher)
        she.approve()
        if not she.is_signed_in():
            raise Unexpected("同意後，合作網站沒有顯示已登入")
        yield she


def signs_in(robot: Robot) -> Found:
    """TC-1: she lands on the partner, which got exactly what was approved."""
    account_id, since = robot.forget(robot.accounts.teacher), datetime.now(UTC)
    with _signed_in(robot):
        pass
    got, approved = robot.released(account_id, since), frozenset(item.value for item in robot.client.approved)
    if got != approved:
        raise Unexpected(f"提供了：{_names(got)}；核准的是：{_names(approved)}（合作網站沒有要求所有核准的項目）")
    return True, f"登入成功，提供：{_names(got)}"


def asks_too_much(robot: Robot) -> Found:
    """TC-2: what was not approved is refused."""
    foreign = [item for item in ORDER if item not in robot.client.approved]
    if not foreign:
        return True, "六項資料都已核准，沒有可以多要求的項目"
    scope = f"openid {foreign[0].scope}" if foreign[0].scope != "openid" else "openid not_approved"
    query = {
        "response_type": "code",
        "client_id": robot.client.client_id,
        "redirect_uri": robot.client.redirect_uris[0],
        "scope": scope,
        "state": "robot",
        "nonce": "robot",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    context = robot.browser.new_context()
    try:
        url = f"{settings().issuer}/oidc/authorize?{urlencode(query)}"
        answer = context.request.get(url, max_redirects=0)
        location = answer.headers.get("location", "")
    finally:
        context.close()
    error = parse_qs(urlsplit(location).query).get("error", ["–"])[0]
    return error == "invalid_scope", f"要求「{foreign[0].label_zh}」，得到 {error}"


def is_locked(robot: Robot) -> Found:
    """TC-3: refused here, and said sensibly there."""
    robot.forget(robot.accounts.locked)
    with robot.visit() as she:
        she.start()
        she.log_in(robot.accounts.locked)
        if she.page.locator("#refusal-code").count() == 0:
            raise Unexpected("已鎖定的測試帳號沒有被拒絕")
        she.page.click("#refusal-return")
        she.must_be_back()
        if she.is_signed_in():
            raise Unexpected("被拒絕後，合作網站仍顯示已登入")
    return True, "本網拒絕，合作網站收到 access_denied 並正常顯示"


def declines(robot: Robot) -> Found:
    """TC-4: she declines."""
    robot.forget(robot.accounts.teacher)
    with robot.visit() as she:
        she.start()
        she.log_in(robot.accounts.teacher)
        she.decline()
        she.must_be_back()
        if she.is_signed_in():
            raise Unexpected("不同意後，合作網站仍顯示已登入")
    return True, "不同意後，合作網站正常顯示"


def declines_one(robot: Robot) -> Found:
    """TC-5: she declines one item that is not essential."""
    optional = [item for item in ORDER if item in robot.client.approved - robot.client.essential]
    if not optional:
        return True, "沒有非必要的項目"
    account_id, since = robot.forget(robot.accounts.teacher), datetime.now(UTC)
    with robot.visit() as she:
        she.start()
        she.log_in(robot.accounts.teacher)
        she.approve(leave_out=optional[0].value)
        she.must_be_back()
        if not she.is_signed_in():
            raise Unexpected(f"不給「{optional[0].label_zh}」時，合作網站無法登入")
    if optional[0].value in robot.released(account_id, since):
        raise Unexpected(f"「{optional[0].label_zh}」仍然提供了")
    return True, f"不給「{optional[0].label_zh}」仍可登入"


def rejects_bad_tokens(robot: Robot) -> Found:
    """TC-6: each flaw alone must keep her out."""
    account_id = robot.forget(robot.accounts.teacher)
    taken = []
    for flaw in probes.Flaw:
        probes.open_probe(robot.client, account_id, flaw, actor=robot.actor, now=datetime.now(UTC))
        with robot.visit() as she:
            she.start()
            she.log_in(robot.accounts.teacher)
            she.approve()
            she.must_be_back()
            if she.is_signed_in() or she.is_at_home():
                taken.append(_FLAWS[flaw])
    if taken:
        raise Unexpected(f"合作網站接受了不正確的 ID token：{'、'.join(taken)}")
    return True, f"{'、'.join(_FLAWS.values())}不符時都拒絕登入"


_FLAWS: Mapping[probes.Flaw, str] = {
    probes.Flaw.SIGNATURE: "簽章",
    probes.Flaw.ISSUER: "iss",
    probes.Flaw.AUDIENCE: "aud",
    probes.Flaw.EXPIRED: "exp",
    probes.Flaw.NONCE: "nonce",
}


def logs_out(robot: Robot) -> Found:
    """TC-7: signing out at the partner ends both sessions; with a back channel, signing out here does too."""
    robot.forget(robot.accounts.teacher)
    with _signed_in(robot) as she:
        she.page.locator(robot.site.log_out).first.click()
        she.page.wait_for_load_state()
        if she.page.locator("#logout-confirm").count():
            she.page.click("#logout-confirm")
            she.page.wait_for_load_state()
        if she.is_at_home():
            raise Unexpected("登出後，合作網站仍顯示已登入")
        she.page.goto(f"{settings().issuer}/account")
        if she.page.locator("#login-submit").count() == 0:
            raise Unexpected("登出後，本網的登入沒有結束；請以 id_token_hint 導向 end_session_endpoint")
    if robot.client.meta.backchannel_logout_uri is None:
        return True, "合作網站與本網的登入都已結束"
    with _signed_in(robot) as she:
        she.page.goto(f"{settings().issuer}/account")
        she.page.click("#logout")
        she.page.wait_for_load_state()
        if not she.is_out_within(BACK_CHANNEL_SECONDS):
            raise Unexpected(
                f"在本網登出 {BACK_CHANNEL_SECONDS} 秒後，合作網站仍顯示已登入；請檢查 backchannel_logout_uri"
            )
    return True, "從合作網站登出、從本網登出，兩邊的登入都已結束"


def has_support(robot: Robot) -> Found:
    """TC-8: a web page is opened; a phone or a mail address is for a person to try."""
    contact = robot.client.support_contact
    if not contact.startswith("https://"):
        return None, f"請實際聯絡諮詢管道並登錄結果：{contact}"
    try:
        status = request("GET", contact).status
    except OutboundError as error:
        raise Unexpected(f"諮詢管道無法連線：{error}") from error
    return status < 400, f"諮詢管道回應 {status}"


TESTS: Mapping[str, Test] = {
    "TC-1": signs_in,
    "TC-2": asks_too_much,
    "TC-3": is_locked,
    "TC-4": declines,
    "TC-5": declines_one,
    "TC-6": rejects_bad_tokens,
    "TC-7": logs_out,
    "TC-8": has_support,
}
