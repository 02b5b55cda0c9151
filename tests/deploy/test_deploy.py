"""Every check of tools/deploy_check.py can fail, and what stands under deploy/ as a program does its work."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from tools.deploy_check import CHECKS, Check, Outcome, examine, tell
from tools.deploycheck import metrics
from tools.deploycheck.programs import Programs, Unavailable, required

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COPIED = ("deploy", ".github", ".dockerignore", "docs/guide/runbooks.md")
PROGRAMS = Programs(fetch=False)


class Fault(NamedTuple):
    """Something wrong: in which file, what stood there, what stands there now, what is said of it."""

    check: str
    file: str
    old: str
    new: str
    said: str


COMPOSE = "deploy/compose.yaml"
RULES = "deploy/prometheus/rules/alerts.yaml"
ALLOY = "deploy/alloy/config.alloy"
CADDY = "deploy/caddy/Caddyfile"
CHART = "deploy/helm/samovar"
REQUESTS = "deploy/grafana/dashboards/requests.json"
FAULTS = (
    Fault("files: YAML", "deploy/loki/loki.yaml", "server:", "server", "loki.yaml"),
    Fault("files: settings", COMPOSE, "S3__BUCKET", "S3__BUKET", "no such setting"),
    Fault("image: hadolint", "deploy/Dockerfile", "WORKDIR /data", "WORKDIR data", "DL3000"),
    Fault("image: rules", "deploy/Dockerfile", "USER 10001:10001", "USER root", "a number and not root"),
    Fault("image: rules", "deploy/Dockerfile", "tomlkit|", "", "does not take tomlkit"),
    Fault("image: rules", "deploy/Dockerfile", "--require-hashes -r req", "-r req", "without hashes"),
    Fault("image: rules", ".dockerignore", "!tools/assets.py", "", ".dockerignore keeps it out"),
    Fault("compose: schema", COMPOSE, "shm_size: 256m", "shm: 256m", "shm"),
    Fault("compose: rules", COMPOSE, "- certificates:/data", "- certificate:/data", "volume certificate,"),
    Fault("compose: rules", COMPOSE, "networks: [socket]", "networks: [sockets]", "network sockets,"),
    Fault("compose: as", COMPOSE, "${SITE_LOCALE:-en}", "${SITE_LOCALE", "invalid"),
    Fault("compose: rules", COMPOSE, "    shm_size", '    ports: ["5432"]\n    shm_size', "only the proxy"),
    Fault("compose: rules", COMPOSE, "PASSWORD_FILE: /run", "PASSWORD: /run", "give a file"),
    Fault("compose: rules", COMPOSE, "redis: {condition: service_healthy}",
          "redis: {condition: service_started}", "without a condition"),
    Fault("compose: rules", COMPOSE, "image: caddy:2.11", "image: caddy:latest", "no fixed version"),
    Fault("compose: rules", COMPOSE, "stop_grace_period: 45s", "stop_grace_period: 15s", "45 s to drain"),
    Fault("compose: rules", COMPOSE, '"posts,reactions"', "posts", "reactions runs nowhere"),
    Fault("compose: rules", COMPOSE, "FEED: dns:///feed", "FEED: dns:///fead", "its address is dns:///fead"),
    Fault("compose: rules", COMPOSE, "  edge-2: *edge\n", "", "fewer than two edges"),
    Fault("compose: rules", COMPOSE, "  inner:   # Samovar and its stores\n    internal: true\n",
          "  inner:\n", "network inner is not internal"),
    Fault("compose: rules", COMPOSE, "    secrets: [grafana_password]\n", "", "which is not mounted"),
    Fault("compose: prepare", "deploy/prepare.sh", "random | keep grafana_password", "", "grafana_password"),
    Fault("compose: prepare", "deploy/prepare.sh", '[ -e "secrets/$1" ] && return', ":", "run again"),
    Fault("scripts: shellcheck", "deploy/with-secrets.sh", 'exec "$@"', "exec $@", "SC2068"),
    Fault("proxy: caddy", CADDY, "lb_policy least_conn", "lb_policy least", "caddy validate"),
    Fault("proxy: caddy", CADDY, "\tlog {", "    log {", "shape"),
    Fault("proxy: caddy", CADDY, "path /metrics /livez /readyz", "path /livez", "a wall"),
    Fault("prometheus: promtool check", "deploy/prometheus/prometheus.yaml",
          "scrape_timeout: 10s", "scrape_timeout: 20s", "timeout"),
    Fault("prometheus: promtool check", "deploy/prometheus/prometheus.yaml",
          "redis-exporter:9121", "redis-export:9121", "compose.yaml has no redis-export"),
    Fault("prometheus: promtool test", RULES, "age_seconds) > 60", "age_seconds) > 600", "SamovarOutboxOld"),
    Fault("prometheus: alerts", RULES, "severity: page", "severity: loud", "severity is not one of"),
    Fault("prometheus: alerts", RULES, "#samovarnoedge", "#noedge", "runbook_url is not"),
    Fault("prometheus: alerts", "docs/guide/runbooks.md", "## RedisDown", "## Redis", "no heading"),
    Fault("prometheus: metrics", RULES, "samovar_outbox_oldest_age", "samovar_outbox_age", "nobody tells"),
    Fault("prometheus: metrics", RULES, 'up{job!="samovar"}', 'upp{job!="samovar"}', "nobody tells upp"),
    Fault("prometheus: metrics", "deploy/prometheus/rules/recording.yaml", 'code_class="5xx"', 'code="5xx"',
          "has no label code"),
    Fault("alertmanager: amtool", "deploy/alertmanager/alertmanager.template.yaml",
          "parse_mode: HTML", "parse: HTML", "amtool check-config"),
    Fault("alertmanager: amtool", "deploy/alertmanager/alertmanager.template.yaml",
          'alertname="DeadMansSwitch"', 'alertname="DeadMan"', "not to deadman"),
    Fault("alertmanager: amtool", "deploy/alertmanager/start.sh", r"[&|\\]", r"[|\\]", "changes the token"),
    Fault("grafana: dashboards", REQUESTS, "sum(rate(samovar", "sum((rate(samovar", "a query of a dashboard"),
    Fault("grafana: dashboards", REQUESTS, '"uid": "${datasource}"', '"uid": "abc"', "not a variable"),
    Fault("alloy: brackets", ALLOY, "relabel.named.output", "relabel.nemed.output", "is not defined"),
    Fault("alloy: brackets", ALLOY, 'loki.write "loki" {', 'loki.write "loki" (', "match"),
    Fault("helm: lint", f"{CHART}/templates/edge.yaml", "{{- end }}", "", "helm lint"),
    Fault("helm: refuses", f"{CHART}/templates/checks.yaml", "ne (int .Values.allInOne.replicas) 1", "false",
          "should be refused"),
    Fault("helm: manifests", f"{CHART}/templates/groups.yaml", "clusterIP:", "clusterIp:", "clusterIp"),
    Fault("helm: rules", f"{CHART}/templates/_helpers.tpl", "readOnlyRootFilesystem: true",
          "readOnlyRootFilesystem: false", "can be written"),
    Fault("helm: rules", f"{CHART}/templates/scaling.yaml", "| int) 1)", "| int) 0)", "can never be moved"),
    Fault("helm: rules", f"{CHART}/values.yaml", "services: [posts, reactions]", "services: [posts]",
          "reactions is in no group"),
    Fault("helm: values", f"{CHART}/values.yaml", "drainSeconds: 20", 'drainSeconds: "20"', "values.yaml"),
    Fault("systemd: rules", "deploy/systemd/samovar@.service", "ProtectHome=yes\n", "", "ProtectHome"),
    Fault("systemd: systemd-analyze", "deploy/systemd/samovar.service", "PrivateTmp", "PrivTmp", "PrivTmp"),
    Fault("workflows", ".github/workflows/ci.yml", "timeout-minutes: 60", "timeout: 60", "timeout"),
    Fault("workflows", ".github/workflows/release.yml", "@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7",
          "not pinned"),
)  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what is checked; the rest of the source stands beside it."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("secrets", ".env"))
        else:
            shutil.copy(source, target)
    for path in ROOT.iterdir():
        if not (tmp_path / path.name).exists() and path.name != ".git":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "docs/reference").symlink_to(ROOT / "docs/reference")
    return tmp_path


def named(words: str) -> Check:
    """The one check whose name begins so."""
    (found,) = [check for check in CHECKS if check.name.startswith(words)]
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.check}: {fault.said}")
def test_a_fault_is_told(tree: Path, fault: Fault) -> None:
    path = tree / fault.file
    text = path.read_text(encoding="utf-8")
    assert fault.old in text, f"{fault.file} no longer holds {fault.old!r}: plant another fault"
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    for slow in ("slow.yaml", "web.yaml"):
        (tree / "deploy/prometheus/tests" / slow).unlink()
    outcome = examine(named(fault.check), tree, PROGRAMS)
    if outcome.missing:
        pytest.skip(f"{', '.join(outcome.missing)} can't be had: `make check` fetches or names them")
    assert fault.said in "\n".join(outcome.problems)


def test_every_check_has_a_fault() -> None:
    tried = {named(fault.check).name for fault in FAULTS}
    assert {check.name for check in CHECKS} == tried


def test_what_is_missing_fails_only_where_it_is_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = Outcome(named("helm: lint"), missing={"helm": "no Go"})
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("REQUIRE", "postgresql")
    assert tell([outcome]) == 0
    assert "MISSING   helm: no Go" in capsys.readouterr().out
    monkeypatch.setenv("REQUIRE", "postgresql,helm")
    assert tell([outcome]) == 1
    assert required({"REQUIRE": "deploy"}) >= {"helm", "hadolint", "promtool", "amtool", "caddy"}
    assert required({"CI": "true"}) == set()


def test_a_program_is_not_fetched_when_nothing_is_to_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SAMOVAR_TOOLS_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable):
        Programs(fetch=False).get("helm")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('sum by (route) (rate(samovar_http_requests_total{route!="/x{y}"}[5m])) > 0.5', []),
        ("sum by (le) (rate(samovar_http_request_duration_seconds_bucket[5m]))", []),
        ("samovar_outbox_pending offset 1h and on(service) pending", ["nobody tells pending"]),
        ('samovar_outbox_pending{route="/"}', ["samovar_outbox_pending has no label route"]),
        ("time() - vector(1e3) + 5m_total", []),
    ],
)  # fmt: skip
def test_names_are_found_in_expressions(expression: str, said: list[str]) -> None:
    assert list(metrics.unknown(expression, metrics.declared(ROOT), frozenset())) == said


# --- programs under deploy/ -------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Answers /readyz as its attribute `ready` says."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = self.path == "/readyz" and getattr(self.server, "ready", False)
            self.send_response(200 if good else 503)
            self.end_headers()
            self.wfile.write(b"{}" if good else b'{"problems": ["draining"]}')

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ready) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def healthy(port: int) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SAMOVAR_PROCESS__HEALTH": f"0.0.0.0:{port}"}
    command = [sys.executable, "-I", "-S", DEPLOY / "healthy.py"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_health_follows_readiness(server: HTTPServer) -> None:
    assert healthy(server.server_port).returncode == 1
    server.ready = True  # type: ignore[attr-defined]
    assert healthy(server.server_port).returncode == 0


def test_health_of_nothing() -> None:
    done = healthy(9)
    assert done.returncode == 1
    assert "not answering" in done.stderr


def test_secrets_reach_the_program_and_nothing_else(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("it's a $secret\n")
    command = [
        "sh",
        DEPLOY / "with-secrets.sh",
        f"PASSWORD={secret}",
        "--",
        "sh",
        "-c",
        'echo "$PASSWORD:$1"',
        "sh",
        "a b",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "it's a $secret:a b\n"


def test_a_missing_secret_stops_the_program(tmp_path: Path) -> None:
    command = ["sh", DEPLOY / "with-secrets.sh", f"PASSWORD={tmp_path}/none", "--", "echo", "started"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
