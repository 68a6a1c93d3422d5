"""
Say how many tests were skipped, and allow none where ``PATROLMAP_NO_SKIPS=1``.

A skipped test is a law nobody checked. On a laptop without a browser that is
fair, as long as it is said; where everything is at hand it is a failure.
"""

import os
from typing import Any

import pytest

FORBIDDEN = "PATROLMAP_NO_SKIPS"


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


def _forbids_skips(config: pytest.Config) -> bool:
    is_worker = hasattr(config, "workerinput")
    return os.environ.get(FORBIDDEN) == "1" and not is_worker


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the count, and each reason where a skip is a failure."""
    skipped = _skipped(config)
    terminalreporter.write_line(f"skipped tests: {len(skipped)}")
    if not _forbids_skips(config):
        return
    for report in skipped:
        terminalreporter.write_line(f"  not allowed ({FORBIDDEN}=1): {report.nodeid}")
        terminalreporter.write_line(f"    {_reason(report)}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run that had to pass without a skip."""
    if _forbids_skips(session.config) and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
