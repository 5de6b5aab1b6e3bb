"""Counts the tests of one or more CTest runs from their logs and prints the closing line; exits 1 when anything failed.

Every test program prints TAP ("ok - NAME", "not ok - NAME", "ok - NAME # SKIP reason"). A program that failed without saying which test did
(a crash, a time-out, a sanitizer's finding) counts as one failed test. A program that failed and was run once more counts with its second run,
and the first is named as FLAKY; but a sanitizer's finding stays one, whatever a second run says."""
import argparse
import pathlib
import re
import sys

STARTED = re.compile(r"^\d+/\d+ Test(?:ing)?: (.+)$")
RESULT = re.compile(r"^Test (Passed|Failed)\.$")
FINDING = re.compile(r"(Thread|Address|Leak|Memory)Sanitizer|runtime error:")


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


def last_runs(build):
    """The run of each program that counts, as (program, passed, lines), and the lines that name the flaky ones."""
    runs, flaky = {}, []
    for program, good, lines in read_log(build):
        earlier = runs.get(program, (True, []))[1]
        if any(FINDING.search(line) for line in earlier):
            continue
        if program in runs and good:
            flaky += [f"{program}: {line}" for line in earlier if line.startswith("not ok")] or [f"{program}: ended badly"]
        runs[program] = (good, lines)
    return [(program, good, lines) for program, (good, lines) in runs.items()], flaky


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
            programs, flaky = last_runs(build)
        except OSError as error:
            print(f"FAILED {build}: {error}")
            failed += 1
            continue
        for line in flaky:
            print(f"FLAKY {build} {line}")
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
