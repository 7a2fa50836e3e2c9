"""What all tests share: hypothesis profiles and the installed wheel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support import wheel as wheels

if TYPE_CHECKING:
    from tests.support.buckets import Buckets
    from tests.support.clusters import Cluster

# No deadlines: they measure the machine's other work. The same examples in every run, so that a red one is about what
# was changed; "other" draws others, and failures print what reproduces them.
settings.register_profile(
    "kembar", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("other", settings.get_profile("kembar"), derandomize=False)
settings.register_profile("thorough", settings.get_profile("other"), max_examples=2_000)
settings.load_profile("kembar")


@pytest.fixture(autouse=True, scope="session")
def language() -> Iterator[None]:
    """Commands speak English to tests on every machine, unless a test asks for another language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C.UTF-8")
        yield


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Guards of the registries that tests make stand in a temporary folder, not in the user's, and so do logins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return wheels.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def bare_installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> wheels.Installation:
    """The wheel without extras in an environment of its own: what somebody has who only checks evidence."""
    return wheels.install(wheel, tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of the tests' own."""
    from tests.support.clusters import cluster as running  # here, for it takes a while, and few tests want it

    with running() as made:
        yield made


@pytest.fixture(scope="session")
def buckets() -> Iterator[Buckets]:
    """A store that speaks S3."""
    from tests.support.buckets import store

    with store() as made:
        yield made


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many random histories the rules and the naive evaluator are compared on, and from which number on."""
    parser.addoption("--histories", type=int, default=600, help="histories of the differential test (default: 600)")
    parser.addoption("--rounds", type=int, default=6, help="rounds of sequencers that end (default: 6; the whole: 200)")
    parser.addoption("--first-history", type=int, default=0, help="the number of the first of them (default: 0)")
