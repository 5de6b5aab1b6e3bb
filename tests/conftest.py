"""pytest prints one TAP line a test, as the C programs do, so that tests/support/summary.py can count all of them."""


class Tap:
    def __init__(self, config):
        self.config = config

    def pytest_runtest_logreport(self, report):
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.say(f"ok - {report.nodeid} # SKIP {reason.removeprefix('Skipped: ')}")
        elif report.failed:
            self.say(f"not ok - {report.nodeid}")
        elif report.when == "call":
            self.say(f"ok - {report.nodeid}")

    def say(self, line):
        self.config.pluginmanager.getplugin("terminalreporter").ensure_newline()
        self.config.pluginmanager.getplugin("terminalreporter").write_line(line)


def pytest_configure(config):
    config.pluginmanager.register(Tap(config))
