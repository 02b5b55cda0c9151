"""The compose files: their schema, Compose's own reader, and what neither of them asks."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.deploycheck.files import load, services
from tools.deploycheck.programs import run, said

FILES = ("compose.yaml", "compose.small.yaml", "compose.sentry.yaml")
WHOLE = ("compose.yaml", "compose.small.yaml")
PROXY = "proxy"
#: Longest that Samovar may take to drain, with what it still does afterwards.
GRACE = 45
REAL = re.compile(r"(PASSWORD|PASS|SECRET|TOKEN|ACCESS_KEY|SECRET_KEY|DSN|PRIVATE_KEY)$")


def schema(tree: Path, program: str) -> Iterator[str]:
    for name in FILES:
        command = [program, "--builtin-schema", "vendor.compose-spec", str(tree / "deploy" / name)]
        yield from said(run(command), name)


def reads(tree: Path, program: str) -> Iterator[str]:
    """Compose's own library reads them: variables, merges, overrides. References are left to `rules`."""
    env = {"COMPOSE_PROFILES": ""}
    for files in (WHOLE[:1], WHOLE[1:], ("compose.yaml", "compose.sentry.yaml")):
        yield from said(run([program, *files], cwd=tree / "deploy", env=env), " + ".join(files))


def rules(tree: Path, _: str) -> Iterator[str]:
    for name in WHOLE:
        compose = load(tree / "deploy" / name)
        for service, what in compose["services"].items():
            for problem in _service(tree, compose, service, what):
                yield f"{name}: {service}: {problem}"
        for network, what in (compose.get("networks") or {}).items():
            if network != "out" and not (what or {}).get("internal"):
                yield f"{name}: network {network} is not internal"
    yield from _split(tree)


def _service(tree: Path, compose: dict[str, Any], name: str, what: dict[str, Any]) -> Iterator[str]:
    once = what.get("restart") == "no"
    if not what.get("healthcheck") or (what["healthcheck"].get("disable") and not once):
        yield "has no healthcheck"
    if what.get("ports") and name != PROXY:
        yield "publishes ports: only the proxy may"
    limits = what.get("deploy", {}).get("resources", {}).get("limits", {})
    if not {"cpus", "memory", "pids"} <= set(limits):
        yield "has no limits of cpus, memory and pids"
    if what.get("logging", {}).get("driver") == "json-file" and "max-size" not in what["logging"]["options"]:
        yield "lets its log grow for ever"
    if "logging" not in what:
        yield "says nothing of its log"
    if "restart" not in what:
        yield "does not say when it is restarted"
    if "no-new-privileges:true" not in what.get("security_opt", []):
        yield "may gain new privileges"
    if not what.get("networks"):
        yield "names no network, so it joins one that leads out"
    image = str(what.get("image", ""))
    if not re.search(r":(?!latest$)[\w.${}:-]+$", image):
        yield f"image {image!r} has no fixed version"
    for other, how in _pairs(what.get("depends_on", {})):
        if other not in compose["services"]:
            yield f"depends on {other}, which does not exist"
        elif not isinstance(how, dict) or how.get("condition") not in (
            "service_healthy", "service_completed_successfully",
        ):  # fmt: skip
            yield f"depends on {other} without a condition"
        elif how["condition"] != "service_healthy" and compose["services"][other].get("restart") != "no":
            yield f"waits for {other} to end, which never ends"
    yield from _secrets(compose, what)
    for network in what.get("networks", {}):
        if network not in compose["networks"]:
            yield f"joins the network {network}, which is not declared"
    for volume in what.get("volumes", []):
        source = re.sub(r"^\$\{\w+:-(\w+)\}", r"\1", volume).partition(":")[0]
        if source.startswith("./") and not (tree / "deploy" / source).exists():
            yield f"mounts {source}, which does not exist"
        if re.match(r"\w", source) and source not in compose["volumes"]:
            yield f"mounts the volume {source}, which is not declared"
    if _is_samovar(what):
        if not once and _seconds(what.get("stop_grace_period", "10s")) < GRACE:
            yield f"has less than {GRACE} s to drain"
        if not what.get("read_only") or what.get("cap_drop") != ["ALL"]:
            yield "has a root that can be written, or capabilities"


def _secrets(compose: dict[str, Any], what: dict[str, Any]) -> Iterator[str]:
    mounted = {f"/run/secrets/{name}" for name in what.get("secrets", [])}
    for name in what.get("secrets", []):
        if name not in compose.get("secrets", {}):
            yield f"uses the secret {name}, which is not declared"
    for key, value in _pairs(what.get("environment", {})):
        if REAL.search(key):
            yield f"{key} is a secret in the environment: give a file"
        if str(value).startswith("/run/secrets/") and value not in mounted:
            yield f"{key} names {value}, which is not mounted"
    for word in " ".join(map(str, [*what.get("command", []), *what.get("entrypoint", [])])).split():
        for path in re.findall(r"/run/secrets/\w+", word):
            if path not in mounted:
                yield f"its command reads {path}, which is not mounted"


def _split(tree: Path) -> Iterator[str]:
    """The split life: two edges, every service in exactly one process, and addresses that lead there."""
    compose = load(tree / "deploy/compose.yaml")["services"]
    placed: dict[str, str] = {}
    edges = 0
    for name, what in compose.items():
        command = what.get("command", [])
        if not _is_samovar(what) or "--services" not in command:
            continue
        for service in command[command.index("--services") + 1].split(","):
            if service == "edge":
                edges += 1
            elif service in placed:
                yield f"compose.yaml: {service} runs in {placed[service]} and {name}"
            else:
                placed[service] = name
    if edges < 2:
        yield "compose.yaml: fewer than two edges"
    for service in sorted(services(tree) - set(placed)):
        yield f"compose.yaml: {service} runs nowhere"
    for service in sorted(set(placed) - services(tree)):
        yield f"compose.yaml: there is no service {service}"
    peers = {
        key.removeprefix("SAMOVAR_PEERS__").lower(): value
        for key, value in compose["edge-1"]["environment"].items()
        if key.startswith("SAMOVAR_PEERS__")
    }
    for service, process in sorted(placed.items()):
        if peers.get(service) != f"dns:///{process}:9000":
            yield f"compose.yaml: {service} runs in {process}, but its address is {peers.get(service)}"


def prepared(tree: Path, _: str) -> Iterator[str]:
    """deploy/prepare.sh makes every secret that the files name, once, and the address to be probed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "deploy"
        shutil.copytree(tree / "deploy", copy, ignore=shutil.ignore_patterns("secrets", ".env", "helm"))
        (copy / ".env").write_text("SAMOVAR_DOMAIN=village.example\n")
        yield from said(run(["sh", copy / "prepare.sh"]), "prepare.sh")
        made = {path.name: path.read_text() for path in (copy / "secrets").glob("*")}
        for name in FILES:
            for secret, what in load(copy / name)["secrets"].items():
                if Path(what["file"]).name not in made:
                    yield f"prepare.sh does not make {secret}, which {name} needs"
        for secret, text in made.items():
            if os.stat(copy / "secrets" / secret).st_mode & 0o777 != 0o444:
                yield f"prepare.sh: {secret} can't be read by the users of containers, or can be written"
            if secret.endswith(("password", "secret", "secret_key")) and len(text) < 32:
                yield f"prepare.sh: {secret} is short"
        if os.stat(copy / "secrets").st_mode & 0o077:
            yield "prepare.sh: others may look into secrets/"
        if "https://village.example/" not in (copy / "prometheus/targets/site.yaml").read_text():
            yield "prepare.sh does not say what Prometheus has to probe"
        run(["sh", copy / "prepare.sh"])
        if made != {path.name: path.read_text() for path in (copy / "secrets").glob("*")}:
            yield "prepare.sh changes secrets when it is run again"


def _is_samovar(what: dict[str, Any]) -> bool:
    return "SAMOVAR_IMAGE" in str(what.get("image"))


def _pairs(what: Any) -> list[tuple[str, Any]]:
    return list(what.items()) if isinstance(what, dict) else [(str(name), None) for name in what]


def _seconds(text: str) -> float:
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", text))
