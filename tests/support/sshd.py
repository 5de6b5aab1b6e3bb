"""An SSH server of this user's own on the loopback, for black-box tests: Debian's openssh-server, with keys made for it.

Run as a program it runs the words after it with these variables and gives their exit code:
  INNO_SSHD_PORT         where it listens, on 127.0.0.1
  INNO_SSHD_USER         who may log in
  INNO_SSHD_KEY          file with the private key that it takes; INNO_SSHD_OTHER_KEY: one that it does not
  INNO_SSHD_KNOWN_HOSTS  file with its host key, as ssh knows it; INNO_SSHD_OTHER_HOSTS: with another one's
  INNO_SSHD_MISSING      instead of all: why there is none
"""
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from listening import wait_listening  # noqa: E402  the path comes first
from ports import free_port  # noqa: E402  the path comes first

PROGRAM = "/usr/sbin/sshd"
SECONDS = 240  # a limit for what hangs, not a measure


def missing():
    if not os.access(PROGRAM, os.X_OK):
        return "no sshd (Debian package openssh-server)"
    return None if shutil.which("ssh") else "no ssh (Debian package openssh-client)"


class Server:
    def __init__(self, directory):
        self.directory, self.process, self.port = pathlib.Path(directory), None, free_port()
        self.user = pwd.getpwuid(os.getuid()).pw_name

    def _key(self, name):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name], cwd=self.directory, check=True, stdin=subprocess.DEVNULL)
        return (self.directory / f"{name}.pub").read_text()

    def start(self):
        host, allowed, other = (self._key(name) for name in ("host", "key", "other"))
        (self.directory / "authorized").write_text(allowed)
        (self.directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host}")
        (self.directory / "other_hosts").write_text(f"[127.0.0.1]:{self.port} {other}")
        (self.directory / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.directory}/host\nPidFile none\nAuthorizedKeysFile {self.directory}/authorized\n"
            f"StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nAllowUsers {self.user}\n"
            "UseDNS no\nPrintMotd no\nMaxStartups 100\nSubsystem sftp internal-sftp\n")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # what its service makes; as root it does not start without
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen([PROGRAM, "-D", "-e", "-f", str(self.directory / "config")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not wait_listening(self.process, self.port, SECONDS):
            self.halt()
            raise RuntimeError("sshd does not start: " + (self.directory / "log").read_text())
        return self

    def halt(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def variables(self):
        names = {"KEY": "key", "OTHER_KEY": "other", "KNOWN_HOSTS": "known_hosts", "OTHER_HOSTS": "other_hosts"}
        return {"INNO_SSHD_PORT": str(self.port), "INNO_SSHD_USER": self.user, **{f"INNO_SSHD_{key}": str(self.directory / name) for key, name in names.items()}}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.halt()


def run(words):
    if missing():
        return subprocess.run(words, env={**os.environ, "INNO_SSHD_MISSING": missing()}, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="inno-sshd-") as directory, Server(directory) as server:
        return subprocess.run(words, env={**os.environ, **server.variables()}, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
