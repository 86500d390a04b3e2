"""What the relying parties share: one running demo, and browsers that forget everything between two tests.

The demo is not that of the journeys: it may call one address of this machine, and runs on another worker.
"""

from collections.abc import Iterator

import pytest

from tests.support.demo import Demo, demo_environment, running_demo
from tests.support.postgres import free_port
from tests.support.walker import Walker


@pytest.fixture(scope="session")
def callable_port() -> int:
    """The port of this machine that the provider may call for back-channel logout."""
    return free_port()


@pytest.fixture(scope="session")
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, callable_port: int
) -> Iterator[Demo]:
    """The demo on free ports with data of its own."""
    environment = demo_environment(tmp_path_factory.mktemp("demo"), request.config)
    with running_demo(environment | {"ROAMING_OUTBOUND_ALLOW": f"127.0.0.1:{callable_port}"}) as running:
        yield running


@pytest.fixture
def walker() -> Iterator[Walker]:
    """A browser without script."""
    one = Walker()
    yield one
    one.close()


@pytest.fixture
def other_walker() -> Iterator[Walker]:
    """The browser of somebody else."""
    one = Walker()
    yield one
    one.close()
