"""Caddy, systemd, shell scripts and workflows: small files, each with its own program."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.deploycheck.files import load
from tools.deploycheck.programs import run, said


def caddy(tree: Path, program: str) -> Iterator[str]:
    """Valid for both compose files, and in Caddy's own shape."""
    folder = tree / "deploy/caddy"
    caddyfile = folder / "Caddyfile"
    with tempfile.TemporaryDirectory() as state:
        # Addresses where nothing answers, on this machine: validation starts the checks of health.
        env = {"XDG_DATA_HOME": state, "XDG_CONFIG_HOME": state, "HOME": state}
        env["SAMOVAR_DOMAIN"] = "village.example"
        for upstreams in ("127.0.0.1:9 [::1]:9", "127.0.0.1:9"):
            for tls in ("internal", "somebody@village.example"):
                more = {**env, "SAMOVAR_UPSTREAMS": upstreams, "SAMOVAR_TLS": tls}
                done = run([program, "validate", "--adapter", "caddyfile", "--config", caddyfile], env=more)
                yield from said(done, f"caddy validate with {upstreams}, tls {tls}", 2)
        for path in (caddyfile, *sorted((folder / "sites").glob("*.caddy"))):
            shaped = run([program, "fmt", str(path)], env=env).stdout
            if shaped.strip() != path.read_text(encoding="utf-8").strip():
                yield f"{path.relative_to(tree)} is not in Caddy's shape: caddy fmt --overwrite"
    text = caddyfile.read_text(encoding="utf-8")
    for wanted, why in (
        ("read_header", "a deadline for heads of requests"),
        ("read_body", "a deadline for bodies"),
        ("path /metrics /livez /readyz", "a wall before what is for the inside only"),
        ("header_up X-Forwarded-For {http.request.remote.host}", "its own X-Forwarded-For"),
        ("header_up X-Request-ID", "its own X-Request-ID"),
        ("health_uri /readyz", "a look at whether edges are ready"),
    ):
        if wanted not in text:
            yield f"deploy/caddy/Caddyfile lacks {why}"
    if re.search(r"(?m)^\s*encode\b", text):
        yield "deploy/caddy/Caddyfile compresses, which Samovar has to do itself"


WANTED = (
    "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
    "CapabilityBoundingSet=", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "SystemCallFilter=@system-service", "MemoryDenyWriteExecute=yes", "TimeoutStopSec=45", "UMask=0077",
    "Restart=on-failure",
)  # fmt: skip


def units(tree: Path, _: str) -> Iterator[str]:
    """Both units are equally locked down."""
    for name in ("samovar.service", "samovar@.service"):
        lines = (tree / "deploy/systemd" / name).read_text(encoding="utf-8").splitlines()
        for wanted in WANTED:
            if wanted not in lines:
                yield f"deploy/systemd/{name} lacks {wanted}"
        for line in lines:
            if re.match(r"Environment=.*(SECRET|PASSWORD|TOKEN|KEY)[A-Z]*=", line):
                yield f"deploy/systemd/{name}: a secret in the environment: {line.split('=')[1]}"


#: What systemd says of every unit on a machine where neither systemd nor Samovar is installed.
HARMLESS = ("is not executable", "Unit sysinit.target not found")


def systemd(tree: Path, program: str) -> Iterator[str]:
    """Does systemd know each word?"""
    for name in ("samovar.service", "samovar@.service"):
        done = run([program, "verify", "--man=no", tree / "deploy/systemd" / name])
        for line in done.stdout.splitlines():
            if "samovar" in line and not any(word in line for word in HARMLESS):
                yield line.strip()


def scripts(tree: Path, program: str) -> Iterator[str]:
    found = sorted((tree / "deploy").rglob("*.sh"))
    yield from said(run([program, "--external-sources", *found]), "shellcheck", 30)


def workflows(tree: Path, program: str) -> Iterator[str]:
    folder = tree / ".github"
    files = sorted((folder / "workflows").glob("*.yml"))
    for schema, checked in (("github-workflows", files), ("dependabot", [folder / "dependabot.yml"])):
        yield from said(run([program, "--builtin-schema", f"vendor.{schema}", *checked]), schema)
    ran = False
    for path in files:
        workflow = load(path)
        if "permissions" not in workflow:
            yield f"{path.name}: does not say which permissions it needs"
        for name, job in workflow["jobs"].items():
            if "timeout-minutes" not in job:
                yield f"{path.name}: {name} has no time limit"
            for step in job["steps"]:
                ran = ran or step.get("run") == ".ci/run"
                if "uses" in step and not re.search(r"@[0-9a-f]{40}$", step["uses"]):
                    yield f"{path.name}: {step['uses']} is not pinned to a commit"
    if not ran:
        yield "no workflow runs .ci/run"
