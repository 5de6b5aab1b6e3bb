#!/usr/bin/env python3
"""Tests of the merchant server over a real socket. Prints TAP."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "merchant_server.py")
TOKEN = "a-token-for-tests-only"


class Running:
    """A server of its own below a fresh directory."""

    def __init__(self, directory):
        self.directory = directory
        self.data = os.path.join(directory, "merchants.json")
        token, port = os.path.join(directory, "token"), os.path.join(directory, "port")
        with open(token, "w", encoding="utf-8") as file:
            file.write(TOKEN + "\n")
        if os.path.exists(port):
            os.unlink(port)
        self.process = subprocess.Popen(
            [sys.executable, SERVER, "--listen", "127.0.0.1:0", "--data", self.data, "--token-file", token, "--port-file", port],
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not os.path.exists(port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        with open(port, encoding="ascii") as file:
            self.port = int(file.read())

    def request(self, method, path, body=None, token=TOKEN, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = "Bearer " + token
        if isinstance(body, dict):
            body = json.dumps(body)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)


class MerchantServer(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.server = Running(self.directory.name)

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)
        self.directory.cleanup()

    def put(self, merchant_id, body, **headers):
        status, text, _ = self.server.request("PUT", "/merchants/" + merchant_id, body, **headers)
        return status, json.loads(text)

    def test_a_merchant_is_made_read_changed_and_removed(self):
        status, made = self.put("shop", {"display_name": "Shop", "currency": "EUR"})
        self.assertEqual(status, 201)
        self.assertTrue(made["api_key"].startswith("mk_"))
        status, text, _ = self.server.request("GET", "/merchants/shop")
        self.assertEqual((status, json.loads(text)), (200, made))
        status, changed = self.put("shop", {"display_name": "Shop 2"})
        self.assertEqual((status, changed["api_key"], changed["display_name"]), (200, made["api_key"], "Shop 2"))
        self.assertEqual(self.server.request("DELETE", "/merchants/shop")[0], 204)
        self.assertEqual(self.server.request("DELETE", "/merchants/shop")[0], 404)
        self.assertEqual(self.server.request("GET", "/merchants/shop")[0], 404)

    def test_the_same_request_twice_changes_nothing(self):
        first = self.put("shop", {"display_name": "Shop"}, Idempotency_Key="k1")
        second = self.put("shop", {"display_name": "Shop"}, Idempotency_Key="k1")
        self.assertEqual((first[0], second[0]), (201, 200))
        self.assertEqual(first[1], second[1])
        self.assertEqual(self.put("shop", {"display_name": "Other"}, Idempotency_Key="k1")[0], 409)
        self.assertEqual(self.server.request("DELETE", "/merchants/shop")[0], 204)
        self.assertEqual(self.put("shop", {"display_name": "Shop"}, Idempotency_Key="k1")[0], 201)

    def test_the_data_outlives_the_server(self):
        _, made = self.put("shop", {"display_name": "Shop"})
        self.assertEqual(os.stat(self.server.data).st_mode & 0o777, 0o600)
        self.server.process.kill()
        self.server.process.wait()
        self.server = Running(self.directory.name)
        self.assertEqual(json.loads(self.server.request("GET", "/merchants/shop")[1]), made)

    def test_without_the_token_nothing_works(self):
        for token in (None, "wrong", TOKEN + "x", ""):
            for method in ("GET", "PUT", "DELETE"):
                status, text, headers = self.server.request(method, "/merchants/shop", {} if method == "PUT" else None, token=token)
                self.assertEqual((status, headers["WWW-Authenticate"]), (401, "Bearer"))
                self.assertNotIn(TOKEN, text)

    def test_browsers_get_a_page_without_the_key(self):
        _, made = self.put("shop", {"display_name": "<b>Shop & Co</b>"})
        status, text, headers = self.server.request("GET", "/merchants/shop", token=None, Accept="text/html")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("&lt;b&gt;Shop &amp; Co&lt;/b&gt;", text)
        self.assertNotIn(made["api_key"], text)
        self.assertEqual(self.server.request("GET", "/merchants/none", token=None, Accept="text/html")[0], 404)

    def test_what_cannot_be_is_refused(self):
        for path, status in (("/", 404), ("/merchants", 404), ("/merchants/", 400), ("/merchants/A", 400), ("/merchants/a/b", 400), ("/merchants/../x", 400)):
            self.assertEqual(self.server.request("GET", path)[0], status, path)
        self.assertEqual(self.server.request("POST", "/merchants/shop", {})[0], 405)
        self.assertEqual(self.server.request("DELETE", "/health")[0], 405)
        for body, status in (("{", 400), ("[" * 60000, 400), ("[]", 422), ('{"name": "x"}', 422), ('{"currency": "euro"}', 422), ('{"display_name": 1}', 422)):
            self.assertEqual(self.put("shop", body)[0], status, body[:20])
        self.assertEqual(self.server.request("GET", "/merchants/shop")[0], 404)

    def test_a_large_body_is_refused_before_it_is_read(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as connection:
            connection.sendall(f"PUT /merchants/shop HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100000000\r\n\r\n".encode())
            self.assertIn(b" 413 ", connection.recv(1000))
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as connection:
            connection.sendall(f"PUT /merchants/shop HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: -1\r\n\r\n".encode())
            self.assertIn(b" 400 ", connection.recv(1000))

    def test_health_is_open(self):
        status, text, _ = self.server.request("GET", "/health", token=None)
        self.assertEqual((status, json.loads(text)["status"]), (200, "ok"))

    def test_many_at_once_lose_nothing(self):
        threads = [threading.Thread(target=self.put, args=(f"m{i}", {"display_name": str(i)})) for i in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with open(self.server.data, encoding="utf-8") as file:
            self.assertEqual(len(json.load(file)["merchants"]), 30)


class Start(unittest.TestCase):
    def run_server(self, *arguments, **environment):
        env = {"PATH": os.environ["PATH"], **environment}
        return subprocess.run([sys.executable, SERVER, *arguments], capture_output=True, text=True, env=env, timeout=60, check=False)

    def test_a_wrong_start_says_what_is_missing(self):
        with tempfile.TemporaryDirectory() as directory:
            data = os.path.join(directory, "m.json")
            result = self.run_server("--data", data)
            self.assertEqual(result.returncode, 1)
            self.assertIn("MERCHANT_TOKEN", result.stderr)
            self.assertIn("--token-file", self.run_server("--data", data, MERCHANT_TOKEN="short").stderr)
            self.assertIn("No such file", self.run_server("--data", data, "--token-file", directory + "/none").stderr)
            self.assertEqual(self.run_server("--listen", "9090", MERCHANT_TOKEN=TOKEN).returncode, 2)
            with open(data, "w", encoding="utf-8") as file:
                file.write('{"merch')
            result = self.run_server("--data", data, "--listen", "127.0.0.1:0", MERCHANT_TOKEN=TOKEN)
            self.assertIn("damaged", result.stderr)
            self.assertEqual(result.returncode, 1)


class Tap(unittest.TextTestResult):
    def addSuccess(self, test):
        super().addSuccess(test)
        print("ok - " + test.id().split(".")[-1][5:].replace("_", " "), flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print("not ok - " + test.id().split(".")[-1][5:].replace("_", " "), flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        print("not ok - " + str(test).split(" ", maxsplit=1)[0], flush=True)


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Tap, verbosity=0))
