"""Begin a service: its contract, its folder and its test.

    python tools/new_service.py recipes

Writes proto/samovar/NAME/v1/NAME.proto, src/samovar/services/NAME/ and tests/services/NAME/, adds
the service to app/registry.py and to the addresses in app/config.py, and generates its contract.
What it writes works: it serves one call, keeps one table and has one passing test. CONTRIBUTING.md
goes on from there.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "proto/samovar/{name}/v1/{name}.proto": """// What this context is for, in a sentence.
syntax = "proto3";
package samovar.{name}.v1;
import "samovar/options.proto";

service {Title} {{
  // Keep a note of the caller.
  rpc Keep(KeepRequest) returns (Note);
  // Those among the caller's notes. At most 100.
  rpc GetMany(GetManyRequest) returns (NoteList) {{ option idempotency_level = NO_SIDE_EFFECTS; }}
}}

message KeepRequest {{
  string text = 1;
}}
message GetManyRequest {{
  repeated int64 ids = 1;
}}
message Note {{
  int64 id = 1;
  int64 owner_id = 2;
  string text = 3;
}}
message NoteList {{
  repeated Note items = 1;
}}

// A note was kept.
message NoteKept {{
  option (samovar.event) = {{ key: "note_id" }};
  int64 note_id = 1;
  int64 owner_id = 2;
}}
""",
    "src/samovar/services/{name}/__init__.py": '''"""What this context is for, in a sentence."""

from samovar.contracts.{name} import {TITLE}, NoteKept
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.{name}.rpc import {Title}Rpc, PersonalRpc
from samovar.services.{name}.service import {Title}Service


def build(kit: Kit) -> Built:
    service = {Title}Service(kit)
    return Built(rpc={{"{name}": {Title}Rpc(service), "personal:{name}": PersonalRpc(service)}})


SERVICE = Service(
    name="{name}",
    serves=(Serves({TITLE}), Serves(PERSONAL, "{name}")),
    emits=(NoteKept,),
    personal_data="notes",
    build=build,
)
''',
    "src/samovar/services/{name}/README.md": """# {name}

Owns: notes. Invariants: a note is seen by its owner alone. Tables: `{name}_note`. Emits `NoteKept`.
""",
    "src/samovar/services/{name}/domain.py": '''"""Values and rules of {name}: pure."""

from dataclasses import dataclass

from samovar.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Note:
    """Something that somebody wants to remember."""

    id: int
    owner_id: int
    text: str


def checked(text: str) -> str:
    """A note's text. Raises Invalid."""
    text = text.strip()
    if not text or len(text) > 1000:
        raise Invalid(fields={{"text": "Write between 1 and 1000 characters."}})
    return text
''',
    "src/samovar/services/{name}/tables.py": '''"""Tables of {name}."""

from sqlalchemy import Column, MetaData, Table

from samovar.kernel.db import Id, Text

metadata = MetaData()

note = Table(
    "{name}_note",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("owner_id", Id, nullable=False, index=True),
    Column("text", Text, nullable=False),
)
''',
    "src/samovar/services/{name}/repository.py": '''"""Every statement of {name}."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.services.{name}.domain import Note
from samovar.services.{name}.tables import note

ADD = Query(insert(note))
BY_IDS = Query(
    select(note.c.id, note.c.owner_id, note.c.text).where(
        one_of(note.c.id, "ids"), note.c.owner_id == bindparam("owner_id")
    )
)
ERASE = Query(delete(note).where(note.c.owner_id == bindparam("owner_id")))


async def add(tx: Tx, value: Note) -> None:
    await tx.run(ADD, id=value.id, owner_id=value.owner_id, text=value.text)


async def by_ids(db: Reads, ids: Sequence[int], owner_id: int) -> list[Note]:
    return [Note(*row) for row in await db.all(BY_IDS, ids=list(ids), owner_id=owner_id)]


async def erase(tx: Tx, owner_id: int) -> None:
    await tx.run(ERASE, owner_id=owner_id)
''',
    "src/samovar/services/{name}/service.py": '''"""Use cases of {name}."""

from collections.abc import Sequence

from samovar.contracts.{name} import NoteKept
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.{name} import repository
from samovar.services.{name}.domain import Note, checked


class {Title}Service:
    """What can be done with notes."""

    def __init__(self, kit: Kit) -> None:
        self._db = kit.db
        self._ids = kit.ids

    async def keep(self, call: Call, text: str) -> Note:
        """Write a note down."""
        owner_id, text = signed_in(call), checked(text)

        async def work(tx: Tx) -> Note:
            value = Note(self._ids(), owner_id, text)
            await repository.add(tx, value)
            await tx.publish(NoteKept(note_id=value.id, owner_id=owner_id))
            return value

        return await self._db.write(work)

    async def get_many(self, call: Call, ids: Sequence[int]) -> list[Note]:
        return await repository.by_ids(self._db, ids[:100], signed_in(call))

    async def erase(self, user_id: int) -> None:
        await self._db.write(lambda tx: repository.erase(tx, user_id))
''',
    "src/samovar/services/{name}/rpc.py": '''"""The controller of {name}: contract to domain and back."""

from collections.abc import Sequence

from samovar.contracts import {name} as contract
from samovar.contracts.common import Done
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound
from samovar.services.{name}.domain import Note
from samovar.services.{name}.service import {Title}Service


class {Title}Rpc:
    """Serves the contract."""

    def __init__(self, service: {Title}Service) -> None:
        self._service = service

    async def keep(self, *, text: str) -> contract.Note:
        return _note(await self._service.keep(current_call(), text))

    async def get_many(self, *, ids: Sequence[int] = ()) -> contract.NoteList:
        found = await self._service.get_many(current_call(), ids)
        return contract.NoteList(items=tuple(_note(value) for value in found))


class PersonalRpc:
    """Serves the erasure of personal data."""

    def __init__(self, service: {Title}Service) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        if not current_call().system:
            raise NotFound
        await self._service.erase(user_id)
        return Done()


def _note(value: Note) -> contract.Note:
    return contract.Note(id=value.id, owner_id=value.owner_id, text=value.text)
''',
    "src/samovar/services/{name}/migrations/__init__.py": '''"""Migrations of {name}, in order."""
''',
    "src/samovar/services/{name}/migrations/m0001_create.py": '''"""The first tables."""

from typing import Any

from sqlalchemy import Column, MetaData, Table

from samovar.kernel.db import Id, Text
from samovar.kernel.migrate import create_table


def upgrade(op: Any) -> None:
    create_table(
        op,
        Table(
            "{name}_note",
            MetaData(),
            Column("id", Id, primary_key=True, autoincrement=False),
            Column("owner_id", Id, nullable=False, index=True),
            Column("text", Text, nullable=False),
        ),
    )
''',
    "tests/services/{name}/__init__.py": "",
    "tests/services/{name}/test_keep.py": '''"""Keeping notes."""

from samovar.contracts.{name} import {TITLE}
from tests.world import World


async def test_a_note_is_seen_by_its_owner_alone(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    note = await anna.of({TITLE}, "").keep(text="buy tea")
    assert [n.text for n in (await anna.of({TITLE}, "").get_many(ids=[note.id])).items] == ["buy tea"]
    assert (await boris.of({TITLE}, "").get_many(ids=[note.id])).items == ()
''',
}


def main() -> int:
    if len(sys.argv) != 2 or not re.fullmatch(r"[a-z]{3,20}", sys.argv[1]):
        print("usage: new_service.py NAME   (3 to 20 lower-case letters)", file=sys.stderr)
        return 2
    name = sys.argv[1]
    words = {"name": name, "Title": name.capitalize(), "TITLE": name.upper()}
    if (ROOT / "src/samovar/services" / name).exists():
        print(f"{name} exists already", file=sys.stderr)
        return 1
    for path, text in FILES.items():
        target = ROOT / path.format(**words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.format(**words), encoding="utf-8")
        print(f"wrote {target.relative_to(ROOT)}")
    registry = ROOT / "src/samovar/app/registry.py"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(
        re.sub(r"(NAMES = \([^)]*?),?\s*\)", rf'\1, "{name}")', text, count=1), encoding="utf-8"
    )
    config = ROOT / "src/samovar/app/config.py"
    text = config.read_text(encoding="utf-8")
    field = f'    #: Address of {name}; empty: in this process.\n    {name}: str = ""\n'
    config.write_text(
        re.sub(r"(class PeersSettings.*?\n)(\n\nclass )", rf"\1{field}\2", text, count=1, flags=re.DOTALL),
        encoding="utf-8",
    )
    subprocess.run([sys.executable, ROOT / "tools/gen_contracts.py"], check=True)
    # The order of imports depends on the name.
    made = [ROOT / "src/samovar/services" / name, ROOT / "tests/services" / name, registry]
    for step in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, *made], check=True, cwd=ROOT)
    print(f"Now: edit the contract, `make gen`, and run `.venv/bin/pytest tests/services/{name}`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
