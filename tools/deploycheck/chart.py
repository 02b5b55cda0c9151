"""The Helm chart: helm's own checks, what it must refuse, and Kubernetes' schemas over what it makes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.deploycheck.files import documents, load, services
from tools.deploycheck.programs import run, said

CHART = "deploy/helm/samovar"
#: The oldest that the chart takes and the newest whose schemas we have.
KUBERNETES = ("1.30", "1.37")
#: Kinds of others: there is no schema of them.
FOREIGN = {"PodMonitor"}


def lint(tree: Path, program: str) -> Iterator[str]:
    for values in _values(tree):
        command = [program, "lint", "--strict", "--kube-version", KUBERNETES[0], tree / CHART, "-f", values]
        yield from said(run(command), f"helm lint with {values.name}")


def refuses(tree: Path, program: str) -> Iterator[str]:
    """Values that would lose data or requests must not become manifests. The first line says why."""
    for values in sorted((tree / CHART / "ci/refused").glob("*.yaml")):
        wanted = values.read_text(encoding="utf-8").splitlines()[0].removeprefix("# refused: ")
        done = _template(tree, program, values)
        if done.returncode == 0:
            yield f"{values.name} is taken, and should be refused: {wanted}"
        elif wanted not in done.stdout:
            yield from said(done, f"{values.name} is refused, but not because of {wanted!r}")


def valid(tree: Path, program: str, helm: str) -> Iterator[str]:
    """Every manifest is what the oldest and the newest Kubernetes take."""
    for values in _values(tree):
        done = _template(tree, helm, values)
        if done.returncode:
            yield from said(done, f"helm template with {values.name}")
            continue
        kept = [manifest for manifest in documents(done.stdout) if manifest["kind"] not in FOREIGN]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump_all(kept, file)
            file.flush()
            for version in KUBERNETES:
                command = [program, "--strict", "--quiet", "-k", version, file.name]
                yield from said(run(command), f"{values.name}, Kubernetes {version}")


def rules(tree: Path, helm: str) -> Iterator[str]:
    """What Kubernetes would take and we would not."""
    for values in _values(tree):
        done = _template(tree, helm, values)
        if done.returncode:
            continue  # `valid` tells
        made = documents(done.stdout)
        for problem in _manifests(made):
            yield f"{values.name}: {problem}"
    groups = load(tree / CHART / "values.yaml")["groups"]
    grouped = {name for group in groups.values() for name in group["services"]}
    for name in sorted(services(tree) - grouped):
        yield f"values.yaml: {name} is in no group"
    for name in sorted(grouped - services(tree)):
        yield f"values.yaml: there is no service {name}"


def values_schema(tree: Path, program: str) -> Iterator[str]:
    schema = tree / CHART / "values.schema.json"
    yield from said(run([program, "--check-metaschema", str(schema)]), "values.schema.json")
    for values in _values(tree):
        yield from said(run([program, "--schemafile", str(schema), str(values)]), values.name)
    for name in ("misspelt.yaml", "secret-in-settings.yaml"):
        command = [program, "--schemafile", str(schema), str(tree / CHART / "ci/refused" / name)]
        if run(command).returncode == 0:
            yield f"values.schema.json takes {name}"


def _manifests(made: list[Any]) -> Iterator[str]:
    budgets, replicas = set(), {}
    for manifest in made:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        labels = manifest["metadata"].get("labels", {})
        for label in ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version"):
            if label not in labels:
                yield f"{kind} {name} lacks the label {label}"
        if kind == "PodDisruptionBudget":
            budgets.add(name)
        if kind == "Deployment" and "replicas" in manifest["spec"]:
            replicas[name] = manifest["spec"]["replicas"]
        if kind == "Secret":
            yield f"Secret {name}: secrets are not made by the chart"
        if kind in ("Deployment", "StatefulSet", "Job", "Pod"):
            pod = manifest["spec"] if kind == "Pod" else manifest["spec"]["template"]["spec"]
            for problem in _pod(pod, serves=kind in ("Deployment", "StatefulSet")):
                yield f"{kind} {name}: {problem}"
        if kind == "StatefulSet" and manifest["spec"]["replicas"] != 1:
            yield f"StatefulSet {name}: more than one process on SQLite"
    for name in sorted(budgets & {name for name, count in replicas.items() if count < 2}):
        yield f"PodDisruptionBudget {name}: one replica can never be moved"


def _pod(pod: dict[str, Any], *, serves: bool) -> Iterator[str]:
    if pod.get("automountServiceAccountToken") is not False:
        yield "gets a token of the cluster that it does not need"
    if pod.get("securityContext", {}).get("runAsNonRoot") is not True:
        yield "may run as root"
    for container in pod["containers"]:
        context = container.get("securityContext", {})
        if not context.get("readOnlyRootFilesystem") or context.get("capabilities") != {"drop": ["ALL"]}:
            yield "has a root that can be written, or capabilities"
        if context.get("allowPrivilegeEscalation") is not False:
            yield "may gain privileges"
        if not {"requests", "limits"} <= set(container.get("resources", {})):
            yield "says nothing of what it needs"
        for variable in container.get("env", []):
            if variable["name"].endswith(("SECRET", "PASSWORD", "TOKEN", "SECRET_KEY", "__URL")):
                yield f"{variable['name']} is a secret in the environment"
        if serves:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe not in container:
                    yield f"has no {probe}"
            wait = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if wait + 25 > pod.get("terminationGracePeriodSeconds", 30):
                yield "has no time to drain"


def _template(tree: Path, helm: str, values: Path) -> Any:
    return run([helm, "template", "release", tree / CHART, "--kube-version", KUBERNETES[0], "-f", values])


def _values(tree: Path) -> list[Path]:
    return [tree / CHART / "values.yaml", *sorted((tree / CHART / "ci").glob("*.yaml"))]
