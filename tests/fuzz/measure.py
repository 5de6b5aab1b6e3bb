"""Runs one fuzzer until it has used so many seconds of CPU time, prints a row of figures for docs/testing.md; exits 1 after a finding.
usage: measure.py SECONDS LOG COMMAND..."""
import os
import re
import resource
import signal
import subprocess
import sys
import time


def used(pid):
    """Seconds of CPU time of a running process, all its threads."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def last(pattern, text):
    found = re.findall(pattern, text)
    return found[-1] if found else "?"


def main():
    seconds, log, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    started = time.monotonic()
    with open(log, "w") as output:
        fuzzer = subprocess.Popen(command, stdout=output, stderr=output)
        asked = False
        while fuzzer.poll() is None:
            time.sleep(0.2)
            if not asked and (used(fuzzer.pid) or 0) >= seconds:
                fuzzer.send_signal(signal.SIGINT)  # it prints its figures and ends well
                asked = True
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = open(log, errors="replace").read()
    found = re.search(r"Test unit written to (\S+)", text)
    name = next(word for word in command if "/fuzz_" in word).rsplit("/fuzz_", 1)[1]
    edges, features = last(r"cov: (\d+)", text), last(r"ft: (\d+)", text)
    corpus = last(r"corp: (\d+)", text)
    executions = last(r"stat::number_of_executed_units: *(\d+)", text)
    print(f"{name}: {(cpu.ru_utime + cpu.ru_stime) / 60:.1f} CPU-minutes in {(time.monotonic() - started) / 60:.1f}, {executions} executions, {edges} edges, "
          f"{features} features, corpus {corpus}, {'FINDING ' + found.group(1) if found else 'no finding'}", flush=True)
    if found is None and (fuzzer.returncode != 0 and not asked):
        print(f"{name} ended with {fuzzer.returncode}; see {log}")
    return 1 if found or (fuzzer.returncode != 0 and not asked) else 0


if __name__ == "__main__":
    sys.exit(main())
