"""Hundreds of deaths of a server under load, at random moments and at named failpoints; see tests/e2e/lib/kill.py for what must be true afterwards. Wants a build
with failpoints (BUILD_TESTING).

    python3 tests/soak/kill.py --build build/dev --rounds 200
    python3 tests/soak/kill.py --build build/dev --rounds 30 --postgres
"""
import time

import soak

given = soak.options(__doc__, rounds=200, seed=0)

from lib import processes  # noqa: E402  the path comes first
from lib.backend import Backend  # noqa: E402
from lib.kill import Load, configure  # noqa: E402
from lib.server import Server  # noqa: E402
from lib.things import gateway_plugin  # noqa: E402


def main():
    processes.adopt_orphans()
    started = time.monotonic()
    with soak.Place(given) as place:
        backend = Backend()
        server = Server(place.path / "server", config=configure(place.path, gateway_plugin(), backend), env=place.env).start()
        load = Load(server, backend, given.seed or None)
        soak.say(seed=load.seed, database="postgres" if given.postgres else "sqlite")
        for number in range(1, given.rounds + 1):
            load.die_at_a_point() if number % 2 else load.kill()
            if number % 20 == 0:
                soak.say(rounds=number, acknowledged=load.acknowledged(), seconds=round(time.monotonic() - started))
        figures = load.finish(least=given.rounds)
        server.close()
        soak.say(rounds=given.rounds, seconds=round(time.monotonic() - started), **figures)


if __name__ == "__main__":
    main()
