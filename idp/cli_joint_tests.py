"""``idp cases run-tests``: the robot of the joint tests; it runs where its operator sits."""

from pathlib import Path

import click

from clients.procedure import drafts
from clients.procedure.guards import MANDATORY_TESTS
from clients.procedure.transitions import Party
from idp.case_actors import acting, actor_option, deciding
from idp.cli_cases import CASE, FILE, cases_group
from idp.running import Refused


@cases_group.command("run-tests")
@click.argument("case_id", type=CASE)
@click.option("--site", type=FILE, required=True, help="What the test site is like, as JSON (docs/integration.md).")
@click.option("--accounts", type=FILE, required=True, help="Test accounts with their passwords, as JSON; keep it safe.")
@click.option(
    "--test", "wanted", type=click.Choice(MANDATORY_TESTS), multiple=True, help="Only this test; several are fine."
)
@click.option("--dry-run", is_flag=True, help="Print what is found and record nothing.")
@click.option("--chromium", type=FILE, envvar="CHROMIUM", help="A Chromium; without it that of Playwright is used.")
@actor_option
def run_tests(case_id: int, wanted: tuple[str, ...], actor: str, *, dry_run: bool, **files: Path) -> None:
    """Walk the test site of a case with a browser and record what was found, test by test."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Refused("the robot needs a browser: pip install playwright, then playwright install chromium") from error
    from idp.joint_tests import robot, walks
    from idp.joint_tests.site import SiteDescription, TestAccounts, read

    try:
        described, people = read(SiteDescription, files["site"]), read(TestAccounts, files["accounts"])
    except ValueError as error:
        raise Refused(str(error)) from error
    with deciding() as now:
        person, client = acting(actor, case_id, frozenset({Party.ADMIN})), robot.client_of_case(case_id)
        if client is None:
            raise Refused(f"case {case_id} has no test client")
        with sync_playwright() as playwright:
            path = str(files["chromium"]) if files["chromium"] else None
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if path else [])
            worker = robot.Robot(browser, client, described, people, person.actor)
            for verdict in walks.run(worker, wanted or MANDATORY_TESTS):
                word = {True: "passed", False: "FAILED", None: "ask a person"}[verdict.passed]
                click.echo(f"{verdict.test}  {word}  {verdict.note}")
                if verdict.passed is not None and not dry_run:
                    drafts.record_test(
                        case_id, person, verdict.test, passed=verdict.passed, note=f"機器人：{verdict.note}", now=now
                    )
            browser.close()
