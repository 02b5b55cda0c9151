"""Install, start, stop and wipe the real servers that the split life needs.

    python -m tools.backends install [NAME ...]
    python -m tools.backends start [NAME ...] [--data DIR]
    python -m tools.backends status | env | stop | wipe [NAME ...] [--data DIR]

Names: postgresql, redis, kafka, s3, opensearch; none means all. A server whose address stands in the
environment (SAMOVAR_TEST_POSTGRESQL, SAMOVAR_TEST_REDIS and so on) is used as it is.
What is fetched or built goes to ~/.cache/samovar/backends, or to SAMOVAR_BACKENDS_CACHE.

The exit code is 0 when all is as asked, 1 when a server can't be had, 2 when the command is wrong.
"""

import argparse
import shlex
import signal
import sys
from collections.abc import Callable

from tools.backends.backends import NAMES, Backends
from tools.backends.errors import Unavailable
from tools.backends.status import place


def install(backends: Backends, names: list[str]) -> int:
    outcomes = backends.install(names)
    for name, outcome in outcomes.items():
        print(f"{name:11} {reason(outcome.reason) or f'installed   {outcome.seconds:.1f} s'}")
    return 1 if any(outcome.reason for outcome in outcomes.values()) else 0


def start(backends: Backends, names: list[str]) -> int:
    outcomes = backends.start(names)
    for name, outcome in outcomes.items():
        answers = f"answers at {place(outcome.address)}   {outcome.seconds:.1f} s"
        print(f"{name:11} {reason(outcome.reason) or answers}")
    return 1 if any(outcome.reason for outcome in outcomes.values()) else 0


def reason(text: str) -> str:
    return f"can't be had: {text}" if text else ""


def status(backends: Backends, names: list[str]) -> int:
    found = backends.status(names)
    for name, one in found.items():
        process = f"pid {one.pid}, {one.memory / 1e6:.0f} MB" if one.pid else ""
        print(f"{name:11} {one.state:8} {one.place:24} {process}".rstrip())
    return 0 if all(one.state in ("running", "given") for one in found.values()) else 1


def env(backends: Backends, names: list[str]) -> int:
    known = backends.environment(names)
    for name, address in known.items():
        print(f"export {name}={shlex.quote(address)}")
    return 0 if len(known) == len(names) else 1


def stop(backends: Backends, names: list[str]) -> int:
    backends.stop(names)
    return 0


def wipe(backends: Backends, names: list[str]) -> int:
    backends.wipe(names)
    return 0


COMMANDS: dict[str, Callable[[Backends, list[str]], int]] = {
    "install": install, "start": start, "status": status, "env": env, "stop": stop, "wipe": wipe,
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.backends", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--data", default="var/backends", metavar="DIR", help="data folder (%(default)s)")
    told = parser.parse_args(arguments)
    unknown = [name for name in told.names if name not in NAMES]
    if unknown:
        parser.error(f"no such server: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # helpers end with us, as at Ctrl-C
    try:
        return COMMANDS[told.command](Backends(told.data), list(dict.fromkeys(told.names)) or list(NAMES))
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
