"""Run every test that can run on this machine, world after world, and say plainly what was left out.

    python tools/test.py                     all
    python tools/test.py embedded wire       some runs, by name

Real servers are started for the runs that need them (tools/backends). One that can't be had leaves those
runs out, loudly; `REQUIRE=postgresql,redis,kafka,s3` makes it a failure. The last line is
`N passed, N failed, N skipped`. A crash of the test tool counts as a failure.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.backends import Backends  # noqa: E402 - found by the line above

TESTS = ROOT / "tests"
#: Tests that have a run of their own.
APART = ("browser", "fuzz", "faults", "split")
#: Tests that give the same answer in each world, since they don't go through its contracts.
ASIDE = ("adapters", "app", "architecture", "backends", "deploy", "kernel")
NEEDED = ("postgresql", "redis", "kafka", "s3")
SERVERS = (*NEEDED, "opensearch")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOTHING_COLLECTED = 5
LIMIT = 2700
#: Failures named in the closing lines of a run, and characters of what each says: whoever sees only the end
#: of the output still learns where to look.
NAMED = 20
SAID = 200
#: Bytes that must be free in memory for the files of tests to lie there.
ROOM = 4 << 30


@dataclass(frozen=True)
class Run:
    """One call of pytest."""

    name: str
    world: str
    folders: tuple[str, ...]
    #: Processes of tests for each core, more than one where tests wait for writers; 0: one after the other.
    parallel: float = 1
    needs_browser: bool = False
    #: Servers whose addresses it is given when they can be had.
    uses: tuple[str, ...] = ()
    #: Servers without which it can't be.
    needs: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What one run came to."""

    run: Run
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    left_out: str = ""
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def plan() -> list[Run]:
    everything = tuple(
        sorted(
            path.name
            for path in TESTS.iterdir()
            if path.is_dir() and path.name not in APART and any(path.rglob("test_*.py"))
        )
    )
    through = tuple(name for name in everything if name not in ASIDE)
    aside = tuple(name for name in everything if name in ASIDE)
    return [
        Run("embedded", "embedded", through, parallel=1.5),
        Run("aside", "embedded", aside, uses=SERVERS),
        Run("wire", "wire", through, parallel=1.5),
        Run("grpc", "grpc", through, parallel=1.5),
        Run("real", "real", through, uses=SERVERS, needs=NEEDED),
        Run("split", "split", ("split",), parallel=0, needs=NEEDED),
        Run("browser", "embedded", ("browser",), parallel=0, needs_browser=True),
        Run("fuzz", "embedded", ("fuzz",), parallel=0),
        Run("faults", "embedded", ("faults",), parallel=0, uses=SERVERS),
    ]


def main(names: list[str]) -> int:
    runs = plan()
    unknown = set(names) - {run.name for run in runs}
    if unknown:
        print(f"no such run: {', '.join(sorted(unknown))}; there are {', '.join(run.name for run in runs)}")
        return 2
    chosen = [run for run in runs if not names or run.name in names]
    with servers({name for run in chosen for name in (*run.uses, *run.needs)}) as (given, missing):
        outcomes = []
        for run in chosen:
            reason = cannot(run, missing)
            outcomes.append(Outcome(run, left_out=reason) if reason else execute(run, given))
    required = [name for name in os.environ.get("REQUIRE", "").replace(",", " ").split() if name in missing]
    return close(outcomes, [f"{name} is required and can't be had: {missing[name]}" for name in required])


@contextmanager
def servers(names: set[str]) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Real servers: their addresses as environment variables, and why others can't be had."""
    if not names:
        yield {}, {}
        return
    print("\n== servers", flush=True)
    tempfile.tempdir = in_memory() or None
    with tempfile.TemporaryDirectory(prefix="samovar-servers-") as folder:
        backends = Backends(Path(folder))
        try:
            given, missing = {}, {}
            for name, outcome in backends.start(sorted(names)).items():
                print(f"{name}: {outcome.reason or f'ready in {outcome.seconds:.1f} s'}", flush=True)
                if outcome.reason:
                    missing[name] = outcome.reason
                else:
                    given[variable(name)] = outcome.address
            yield given, missing
        finally:
            backends.stop()
            backends.wipe()


def cannot(run: Run, missing: dict[str, str]) -> str:
    """Why this run is not possible here, or nothing."""
    if not any(any((TESTS / folder).rglob("test_*.py")) for folder in run.folders):
        return "it has no tests yet"
    if lacking := [f"{name} can't be had ({missing[name]})" for name in run.needs if name in missing]:
        return ", ".join(lacking)
    if run.needs_browser and not any(shutil.which(name) for name in BROWSERS):
        return "there is no chromium on this machine"
    return ""


def execute(run: Run, given: dict[str, str]) -> Outcome:
    print(f"\n== {run.name}", flush=True)
    outcome = Outcome(run)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--world", run.world, f"--junitxml={report}"]
        if run.parallel:
            command += ["-n", str(round(run.parallel * max(2, min(4, os.cpu_count() or 2))))]
        if "fuzz" not in run.folders:
            command += ["-p", "no:schemathesis"]  # a second of start-up for each process
        started = time.monotonic()
        known = {variable(name) for name in (*run.uses, *run.needs)}
        environment = {name: address for name, address in given.items() if name in known}
        if run.parallel and (memory := in_memory()):
            environment["TMPDIR"] = memory
        code = call([*command, *(f"tests/{name}" for name in run.folders)], environment)
        outcome.seconds = time.monotonic() - started
        if report.exists():
            count(outcome, report)
    if code == NOTHING_COLLECTED:
        outcome.left_out = "it has no tests yet"
    elif code != 0 and outcome.failed == 0:
        outcome.failed = 1
        print(f"{run.name}: pytest itself ended with {code}; counted as a failure", flush=True)
    elif code == 0 and outcome.passed + outcome.skipped == 0:
        outcome.failed = 1
        print(f"{run.name}: pytest reported no tests; counted as a failure", flush=True)
    return outcome


def in_memory() -> str:
    """A folder in memory, when there is room: each test begins with a new database, and making and removing
    its files costs a disk more than the test itself. What is to be on a disk (faults, split) is on one."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK | os.X_OK):
        return ""
    return str(folder) if shutil.disk_usage(folder).free > ROOM else ""


def variable(server: str) -> str:
    """The variable by which tests learn a server's address."""
    return f"SAMOVAR_TEST_{server.upper()}"


def call(command: list[str], environment: dict[str, str]) -> int:
    """Run to the end or to the limit; no process of it stays behind."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True)
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        print(f"not done after {LIMIT} s; stopped", flush=True)
        return 124
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def count(outcome: Outcome, report: Path) -> None:
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        skipped = case.find("skipped")
        failure = next((found for found in map(case.find, ("failure", "error")) if found is not None), None)
        if failure is not None:
            outcome.failed += 1
            said = (failure.get("message") or "no message").strip().partition("\n")[0]
            outcome.failures.append(f"{case.get('classname')}::{case.get('name')}: {said[:SAID]}")
        elif skipped is not None:
            outcome.skipped += 1
            outcome.reasons[skipped.get("message") or "no reason given"] += 1
        else:
            outcome.passed += 1


def close(outcomes: list[Outcome], required: list[str]) -> int:
    print("\nWhat ran")
    for outcome in outcomes:
        if not outcome.left_out:
            where = "" if outcome.run.name == outcome.run.world else f" (world {outcome.run.world})"
            print(
                f"  {outcome.run.name + where:26} {outcome.passed:5} passed {outcome.failed:4} failed"
                f" {outcome.skipped:4} skipped  {outcome.seconds:6.1f} s"
            )
    left_out = [f"{outcome.run.name}: {outcome.left_out}" for outcome in outcomes if outcome.left_out]
    left_out += [
        f"{number} in {outcome.run.name}: {reason}"
        for outcome in outcomes
        for reason, number in outcome.reasons.most_common()
    ]
    print("What was left out" if left_out else "Nothing was left out")
    for line in left_out:
        print(f"  {line}")
    for outcome in outcomes:
        for line in outcome.failures[:NAMED]:
            print(f"FAILED in {outcome.run.name}: {line}")
        if len(outcome.failures) > NAMED:
            print(f"FAILED in {outcome.run.name}: {len(outcome.failures) - NAMED} more")
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes) + len(required)
    skipped = sum(outcome.skipped for outcome in outcomes)
    for line in required:
        print(line)
    if passed == 0 and failed == 0:
        failed = 1
        print("no test ran at all; counted as a failure")
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    # Whoever ends this ends its servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
