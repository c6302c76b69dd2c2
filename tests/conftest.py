"""What every test may use."""

import pytest

from kith import native

pytest_plugins = ["tests.neo4j.fixture", "tests.browser", "tests.postgres"]


def pytest_configure(config: pytest.Config) -> None:
    """Tests load the graph engine and the learners into one process, as `kith serve` does."""
    if not native.has_room():
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.stop_global_capturing()  # or the new process would write into the old pipe
        native.make_room()
