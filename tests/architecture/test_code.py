"""Rules of the code that no other tool knows. Each failure says where and what to do."""

import ast
from collections.abc import Iterator

import pytest

from samovar.app.registry import all_services
from tests.architecture.source import Definition, Module, definitions, modules, of_service, service_names

LONGEST = 350
#: Waiting to be split; nothing is added here.
TOO_LONG = {"app/demo/talk.py", "services/feed/repository/projection.py"}
#: Where the clock is read and ids are made; everybody else is given both.
MAY_READ_CLOCKS = ("kernel/", "adapters/", "app/")
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "uuid.uuid1", "uuid.uuid4", "uuid4", "uuid1",
}  # fmt: skip
#: Peer calls in a loop that are meant, with the reason.
MEANT = {
    "services/search/clients.py": "asks every kind of content, each another service, once",
    "services/identity/service/leaving.py": "asks every keeper of personal data, each another service, once",
}


def test_every_module_class_and_function_says_what_it_is() -> None:
    """Left out: what a contract, a protocol or a convention says already, and functions of one statement."""
    promised = set(_promised())
    missing = []
    for module in modules():
        if ast.get_docstring(module.tree) is None:
            missing.append(f"src/samovar/{module.where}:1 has no docstring")
        missing += [
            f"{module.at(node)} {node.name} has no docstring"
            for node in _public(module.tree)
            if ast.get_docstring(node) is None and not _speaks_for_itself(module, node, promised)
        ]
    assert not missing, "\n".join(missing)


def _public(
    node: ast.Module | ast.ClassDef,
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for child in definitions(node):
        if not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)


def _is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in ast.unparse(base) for base in node.bases)


def _promised() -> Iterator[str]:
    """Names of methods that a protocol describes."""
    for module in modules():
        for node in _public(module.tree):
            if isinstance(node, ast.ClassDef) and _is_protocol(node):
                yield from (method.name for method in definitions(node) if ast.get_docstring(method))


def _speaks_for_itself(module: Module, node: Definition, promised: set[str]) -> bool:
    if isinstance(node, ast.ClassDef):
        return False
    bare = all(isinstance(part, ast.Expr) and ast.unparse(part) == "..." for part in node.body)
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    return (
        module.path.name.endswith("rpc.py")  # its contract says it
        or node.name in ("build", "upgrade")  # what manifests and migrations call
        or node.name in promised
        or any(decorator.startswith("hears(") for decorator in decorators)
        or (bare and "property" in decorators)  # a field of a protocol
        or (len(node.body) == 1 and not bare)
    )


def test_nobody_but_the_kernel_reads_the_clock_or_makes_ids() -> None:
    found = []
    for module in modules():
        if module.where.startswith(MAY_READ_CLOCKS):
            continue
        for node in ast.walk(module.tree):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name in CLOCKS or name.removeprefix("datetime.") in CLOCKS:
                found.append(
                    f"{module.at(node)} {name}: take the time from the clock you are given, ids from ids"
                )
    assert not found, "\n".join(found)


def test_files_stay_readable_in_one_go() -> None:
    long = {module.where: module.lines for module in modules() if module.lines > LONGEST}
    new = {where: lines for where, lines in long.items() if where not in TOO_LONG}
    assert not new, f"longer than {LONGEST} lines, split by what they are about: {new}"


@pytest.mark.parametrize("service", service_names())
def test_no_peer_is_called_in_a_loop(service: str) -> None:
    """A peer may be a network away: gather the ids and ask once, with get_many."""
    found = []
    for module in of_service(service):
        if module.where in MEANT:
            continue
        peers = _peer_attributes(module, _client_classes(service))
        for loop in ast.walk(module.tree):
            for node in _repeated(loop):
                target = node.func.value if isinstance(node.func, ast.Attribute) else None
                if isinstance(target, ast.Attribute) and target.attr in peers:
                    found.append(
                        f"{module.at(node)} {ast.unparse(node.func)} in a loop: gather the ids and ask once"
                    )
    assert not found, "\n".join(found)


def _client_classes(service: str) -> set[str]:
    return {
        node.name
        for module in of_service(service)
        if module.path.name == "clients.py"
        for node in definitions(module.tree)
        if isinstance(node, ast.ClassDef)
    }


def _peer_attributes(module: Module, clients: set[str]) -> set[str]:
    """Attributes that hold a stub, or a client around one."""
    found = set()
    typed = {
        argument.arg
        for node in ast.walk(module.tree)
        if isinstance(node, ast.arguments)
        for argument in node.args
        if argument.annotation is not None and ast.unparse(argument.annotation) in clients
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            value = node.value
            made = isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] in {
                "lazy",
                *clients,
            }
            given = isinstance(value, ast.Name) and value.id in typed
            if made or given:
                found.add(node.targets[0].attr)
    return found


def _repeated(loop: ast.AST) -> Iterator[ast.Call]:
    """Calls made for each thing of a loop. Pages of a long list and rounds (`for _`) may ask again."""
    if isinstance(loop, ast.For | ast.AsyncFor):
        paged = ast.unparse(loop.iter).startswith("range(0, len(") or ast.unparse(loop.target) == "_"
        inside: list[ast.AST] = [] if paged else [*loop.body]
    elif isinstance(loop, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        inside = [loop.elt, *(test for part in loop.generators for test in part.ifs)]
    elif isinstance(loop, ast.DictComp):
        inside = [loop.key, loop.value]
    else:
        return
    for part in inside:
        yield from (node for node in ast.walk(part) if isinstance(node, ast.Call))


@pytest.mark.parametrize("service", service_names())
def test_a_service_uses_what_its_clients_import(service: str) -> None:
    manifest = {manifest.name: manifest for manifest in all_services()}[service]
    own = {served.contract.short for served in manifest.serves}
    imported = {}
    for module in of_service(service):
        if module.path.name in ("__init__.py", "rpc.py") and module.path.parent.name == service:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("samovar.contracts."):
                context = (node.module or "").rpartition(".")[2]
                if any(alias.name == context.upper() for alias in node.names):
                    imported[context] = module
    uses = {contract.short for contract in manifest.uses}
    assert set(imported) == uses, (
        f"{service}: its manifest says it uses {sorted(uses)}, its modules import {sorted(imported)}"
    )
    astray = [f"{m.where}: {c}" for c, m in imported.items() if m.path.name != "clients.py" and c not in own]
    assert not astray, f"contracts of others are asked in clients.py alone: {astray}"
