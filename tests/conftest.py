"""pytest prints one TAP line a test, as the C programs do, so that tests/support/summary.py can count all of them."""
import pytest


class Tap:
    def __init__(self, config):
        self.config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        """No progress dots: a TAP line begins its line."""
        if report.skipped:
            return "skipped", "", "SKIPPED"
        if report.failed:
            return ("failed" if report.when == "call" else "error"), "", "FAILED"
        return ("passed", "", "PASSED") if report.when == "call" else ("", "", "")

    def pytest_runtest_logreport(self, report):
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.say(f"ok - {report.nodeid} # SKIP {reason.removeprefix('Skipped: ')}")
        elif report.failed:
            self.say(f"not ok - {report.nodeid}")
        elif report.when == "call":
            self.say(f"ok - {report.nodeid}")

    def say(self, line):
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        reporter.ensure_newline()
        reporter.write_line(line)


def pytest_configure(config):
    config.pluginmanager.register(Tap(config))
