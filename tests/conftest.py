"""What every test may use."""

pytest_plugins = ["tests.neo4j.fixture", "tests.browser"]
