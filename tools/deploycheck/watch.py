"""Prometheus, Alertmanager and Grafana: their own checks, and that all of it fits together."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.deploycheck import metrics
from tools.deploycheck.files import load
from tools.deploycheck.programs import run, said

RUNBOOKS = "docs/guide/runbooks.md"
SEVERITIES = {"page", "ticket", "none"}
AREAS = {"web", "events", "data", "host", "watch"}


def config(tree: Path, program: str) -> Iterator[str]:
    """Prometheus' configuration with the rules that it names."""
    yield from said(run([program, "check", "config", tree / "deploy/prometheus/prometheus.yaml"]), "promtool")
    listed = load(tree / "deploy/prometheus/prometheus.yaml")
    targets = load(tree / "deploy/compose.yaml")["services"]
    for job in listed["scrape_configs"]:
        names = [name for sd in job.get("dns_sd_configs", []) for name in sd["names"]]
        names += [t.partition(":")[0] for sd in job.get("static_configs", []) for t in sd["targets"]]
        for name in names:
            if name not in targets and name != "localhost":
                yield f"prometheus.yaml: {job['job_name']}: compose.yaml has no {name}"


def tests(tree: Path, program: str) -> Iterator[str]:
    """Each alert has a test that sees it fire."""
    files = sorted((tree / "deploy/prometheus/tests").glob("*.yaml"))
    yield from said(run([program, "test", "rules", *files]), "promtool test rules", 40)
    fired: set[str] = set()
    for path in files:
        for test in load(path)["tests"]:
            fired |= {case["alertname"] for case in test.get("alert_rule_test", []) if case["exp_alerts"]}
    for alert in _alerts(tree):
        if alert["alert"] not in fired:
            yield f"{alert['alert']}: no test sees it fire"


def alerts(tree: Path, _: str) -> Iterator[str]:
    """Every alert says how grave it is and where it is told what to do; and no runbook is left over."""
    pages = set(re.findall(r"(?m)^## (.+)$", (tree / RUNBOOKS).read_text(encoding="utf-8")))
    names = [alert["alert"] for alert in _alerts(tree)]
    for alert in _alerts(tree):
        name, notes = alert["alert"], alert.get("annotations", {})
        if alert.get("labels", {}).get("severity") not in SEVERITIES:
            yield f"{name}: severity is not one of {', '.join(sorted(SEVERITIES))}"
        if alert.get("labels", {}).get("area") not in AREAS:
            yield f"{name}: area is not one of {', '.join(sorted(AREAS))}"
        if not notes.get("summary") or not notes.get("description"):
            yield f"{name}: has no summary or description"
        if notes.get("runbook_url") != f"{RUNBOOKS}#{name.lower()}":
            yield f"{name}: runbook_url is not {RUNBOOKS}#{name.lower()}"
        if name not in pages:
            yield f"{name}: {RUNBOOKS} has no heading for it"
        if names.count(name) > 1:
            yield f"{name}: is there twice"
    for page in sorted(pages - set(names)):
        yield f"{RUNBOOKS}: {page} is no alert"


def names(tree: Path, _: str) -> Iterator[str]:
    """Rules and dashboards ask for metrics that somebody tells."""
    there = metrics.known(tree)
    rules = list(_rules(tree))
    recorded = frozenset(rule["record"] for rule in rules if "record" in rule)
    for rule in rules:
        for problem in metrics.unknown(rule["expr"], there, recorded):
            yield f"rule {rule.get('alert') or rule['record']}: {problem}"
    for board, panel, expression in _queries(tree):
        for problem in metrics.unknown(_filled(expression), there, recorded):
            yield f"dashboard {board}: {panel}: {problem}"


def dashboards(tree: Path, program: str) -> Iterator[str]:
    """They parse, take their datasource from a variable, and each of their queries is one."""
    seen: set[str] = set()
    for path in sorted((tree / "deploy/grafana/dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        if board["uid"] in seen:
            yield f"{path.name}: uid {board['uid']} is there twice"
        seen.add(board["uid"])
        variables = {f"${{{v['name']}}}" for v in board["templating"]["list"] if v["type"] == "datasource"}
        for panel in board["panels"]:
            for part in (panel, *panel.get("targets", [])):
                if panel["type"] != "row" and part.get("datasource", {}).get("uid") not in variables:
                    yield f"{path.name}: {panel['title']}: its datasource is not a variable"
    queries = [(f"{board}: {panel}", _filled(expression)) for board, panel, expression in _queries(tree)]
    groups = [
        {"name": f"{number} {where}", "rules": [{"record": f"query:{number}", "expr": expression}]}
        for number, (where, expression) in enumerate(queries)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"groups": groups}, file)
        file.flush()
        yield from said(run([program, "check", "rules", file.name]), "a query of a dashboard is none")


def alertmanager(tree: Path, program: str) -> Iterator[str]:
    """What start.sh makes of the template is valid, with secrets and without, and routes as it is meant."""
    folder = tree / "deploy/alertmanager"
    samples = {
        "telegram_token": "123:A&b|c\\d",
        "telegram_chat": "-100123",
        "deadman_url": "https://watch.example/?a=1&b=2",
    }
    for given in (samples, dict.fromkeys(samples, "")):
        with tempfile.TemporaryDirectory() as name:
            secrets = Path(name)
            for secret, text in given.items():
                (secrets / secret).write_text(f"{text}\n" if text else "")
            done = run(["sh", folder / "start.sh", "--print"], env={"SECRETS": name})
            lines = [line for line in done.stdout.splitlines() if not line.startswith("alertmanager: ")]
            text = "\n".join(lines)
            yield from said(done, "start.sh --print")
            (secrets / "telegram.tmpl").write_text((folder / "telegram.tmpl").read_text())
            made = secrets / "alertmanager.yaml"
            made.write_text(text)
            yield from said(run([program, "check-config", made]), "amtool check-config")
            if re.search(r"@[A-Z_]+@", re.sub(r"#.*", "", text)):
                yield "alertmanager: a place of the template was not filled"
            receiver = load(made)["receivers"][0]
            if given is samples and receiver["telegram_configs"][0]["bot_token"] != samples["telegram_token"]:
                yield "alertmanager: start.sh changes the token"
            yield from _routes(program, made)


def _routes(program: str, made: Path) -> Iterator[str]:
    for labels, wanted in (
        (["alertname=SamovarNoEdge", "severity=page"], "telegram"),
        (["alertname=SamovarSlow", "severity=ticket"], "telegram-quiet"),
        (["alertname=DeadMansSwitch", "severity=none"], "deadman"),
    ):
        done = run([program, "config", "routes", "test", f"--config.file={made}", *labels])
        if done.stdout.splitlines()[-1:] != [wanted]:
            yield f"alertmanager: {labels[0]} goes to {done.stdout.splitlines()[-1:]}, not to {wanted}"


def _rules(tree: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((tree / "deploy/prometheus/rules").glob("*.yaml")):
        for group in load(path)["groups"]:
            yield from group["rules"]


def _alerts(tree: Path) -> list[dict[str, Any]]:
    return [rule for rule in _rules(tree) if "alert" in rule]


def _queries(tree: Path) -> Iterator[tuple[str, str, str]]:
    """Every query for Prometheus, with where it stands."""
    for path in sorted((tree / "deploy/grafana/dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == "prometheus":
                    yield path.name, panel["title"], target["expr"]
        for note in board.get("annotations", {}).get("list", []):
            if "expr" in note:
                yield path.name, note["name"], note["expr"]


def _filled(expression: str) -> str:
    """The query as Grafana would send it."""
    return re.sub(r"\$\w+", ".*", expression.replace("$__rate_interval", "5m"))
