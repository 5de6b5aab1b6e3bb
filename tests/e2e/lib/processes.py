"""Processes: this one adopts whatever a killed server leaves behind, so that a leftover is seen and not lost to init."""
import ctypes
import os
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def _stat(pid):
    """(state, parent) or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], int(fields[1])
    except (OSError, IndexError):
        return None


def table():
    """{pid: (state, parent)} of every process there is."""
    found = {int(name): _stat(name) for name in os.listdir("/proc") if name.isdigit()}
    return {pid: stat for pid, stat in found.items() if stat}


def descendants(pid):
    """Live processes below pid, zombies left out."""
    processes, found, todo = table(), set(), [pid]
    while todo:
        parent = todo.pop()
        for child, (_, its_parent) in processes.items():
            if its_parent == parent and child not in found:
                found.add(child)
                todo.append(child)
    return {child for child in found if processes[child][0] not in "ZX"}


def name_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return "?"


def leftovers(known):
    """Waits until no process but those below `known` is below this one; returns {pid: exe} of what stays. The kernel kills the hosts of a dead server
    (PDEATHSIG), which takes a moment."""
    left, until = {}, time.monotonic() + 120
    while True:
        mine = descendants(os.getpid())
        for pid in known:
            mine -= descendants(pid) | {pid}
        left = {pid: name_of(pid) for pid in mine}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.01)


def reap(known):
    """Takes the exit codes of adopted processes that have ended; `known` are somebody else's to wait for."""
    for pid, (state, parent) in table().items():
        if state == "Z" and parent == os.getpid() and pid not in known:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
