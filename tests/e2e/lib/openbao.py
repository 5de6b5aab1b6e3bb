"""tests/support/openbao.py for black-box tests, and a door to it that can be shut at a chosen request."""
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from openbao import Server as _Server, missing  # noqa: E402,F401  the path comes first

from lib.server import forget_child, keep_child  # noqa: E402


class Server(_Server):
    def launch(self):
        super().launch()
        keep_child(self.process.pid)

    def halt(self, *number):
        process = self.process
        super().halt(*number)
        if process:
            forget_child(process.pid)


class Door:
    """Forwards connections to a backend. on_request(number) is called before each is forwarded; what it returns as true is not forwarded."""

    def __init__(self, port, on_request):
        self.port, self.on_request, self.count = port, on_request, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as backend:
                    back = threading.Thread(target=self._copy, args=(backend, client), daemon=True)
                    back.start()
                    while data := client.recv(65536):
                        self.count += 1
                        if self.on_request(self.count):
                            return
                        backend.sendall(data)
                    backend.shutdown(socket.SHUT_WR)
                    back.join()
            except OSError:
                pass

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        self.listener.close()
