"""What every test may use."""

import pytest

from kith import native

pytest_plugins = ["tests.neo4j.fixture", "tests.browser", "tests.postgres"]


TOGETHER = {"neo4j_server": "neo4j", "demonstration_home": "demonstration"}
"""Fixtures that take long to make -> the group of their tests, which one process runs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the work, each file is one's, and each dear fixture."""
    for item in items:
        used = [TOGETHER[name] for name in getattr(item, "fixturenames", ()) if name in TOGETHER]
        group = used[0] if used else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_configure(config: pytest.Config) -> None:
    """Tests load the graph engine and the learners into one process, as `kith serve` does."""
    if not native.has_room():
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.stop_global_capturing()  # or the new process would write into the old pipe
        native.make_room()
