"""Counts the tests of one or more CTest runs from their logs and prints the closing line; exits 1 when anything failed.

Every test program prints TAP ("ok - NAME", "not ok - NAME", "ok - NAME # SKIP reason"). A program that failed without saying which test did
(a crash, a time-out, a sanitizer's finding) counts as one failed test."""
import argparse
import pathlib
import re
import sys

STARTED = re.compile(r"^\d+/\d+ Test(?:ing)?: (.+)$")
RESULT = re.compile(r"^Test (Passed|Failed)\.$")


def read_log(build):
    """Yields (program, passed, lines) for each program of the newest run below build."""
    log = pathlib.Path(build) / "Testing" / "Temporary" / "LastTest.log"
    program, lines = None, []
    for line in log.read_text(errors="replace").splitlines():
        started = STARTED.match(line)
        if started:
            if program and program != started.group(1):
                yield program, False, lines  # cut off: timed out or crashed
            if program != started.group(1):
                program, lines = started.group(1), []
        elif RESULT.match(line) and program:
            yield program, RESULT.match(line).group(1) == "Passed", lines
            program, lines = None, []
        else:
            lines.append(line)
    if program:
        yield program, False, lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--failed-builds", default="")
    parser.add_argument("builds", nargs="+")
    arguments = parser.parse_args()
    passed = failed = skipped = 0
    for build in arguments.failed_builds.split():
        print(f"FAILED build {build}")
        failed += 1
    for build in arguments.builds:
        try:
            programs = list(read_log(build))
        except OSError as error:
            print(f"FAILED {build}: {error}")
            failed += 1
            continue
        for program, good, lines in programs:
            bad = [line for line in lines if line.startswith("not ok")]
            skips = [line for line in lines if line.startswith("ok") and "# SKIP" in line]
            passed += sum(line.startswith("ok") for line in lines) - len(skips)
            skipped += len(skips)
            failed += len(bad) or (0 if good else 1)
            for line in bad or ([] if good else ["ended badly without naming a test"]):
                print(f"FAILED {build} {program}: {line}")
            for line in skips:
                print(f"SKIPPED {build} {program}: {line}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
