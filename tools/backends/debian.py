"""Programs from Debian packages, where they are missing and we may install them."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tools.backends.cache import root, run
from tools.backends.errors import Unavailable, say
from tools.backends.folder import locked

POLICY = Path("/usr/sbin/policy-rc.d")
#: Wait for another apt-get instead of failing.
PATIENT = ("-o", "DPkg::Lock::Timeout=600")
QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def need(there: Callable[[], bool], package: str, what: str) -> None:
    """Install a package unless what it brings is there. Raises Unavailable."""
    if there():
        return
    if not shutil.which("apt-get"):
        raise Unavailable(f"{what} is not installed and there is no apt-get to install it")
    if os.geteuid() != 0:
        raise Unavailable(f"{what} is not installed and only root may do it: apt-get install {package}")
    with locked(root() / "debian.lock"):
        if there():
            return
        say(f"installing {what} (Debian package {package})")
        refresh()
        with no_service_started():
            run(
                ["apt-get", *PATIENT, "install", "-y", "--no-install-recommends", package],
                f"{what} could not be installed",
                more=QUIET,
            )
    if not there():
        raise Unavailable(f"{package} is installed, yet it brought no {what}")


@cache
def refresh() -> None:
    """Learn which packages there are, once per process."""
    run(["apt-get", *PATIENT, "update"], "the lists of Debian packages could not be fetched", more=QUIET)


@contextmanager
def no_service_started() -> Iterator[None]:
    """Keep packages from starting the machine's own PostgreSQL or Redis: ours have their own data.

    The policy that is written for it, unless the machine has one, holds only as long as this process
    lives, so that a crash before its removal does no harm.
    """
    if POLICY.exists():
        yield
        return
    POLICY.write_text(f"#!/bin/sh\nkill -0 {os.getpid()} 2>/dev/null && exit 101\nexit 0\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
