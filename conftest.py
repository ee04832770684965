"""Plugins of the tests; pytest reads them from the top of the repository only."""

pytest_plugins = ["tests.groups"]
