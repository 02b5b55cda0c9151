"""An object store that speaks S3: SeaweedFS, built here from its published Go module.

`go install module@version` refuses this module, since its go.mod replaces a dependency. Built in its
own folder of Go's module cache, it is compiled with exactly the dependencies that its authors locked.

A start takes about 15 s: its master first waits three heartbeats, of 5 s each, for all volumes.
"""

import http.client
import json
import shutil
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from tools.backends.cache import kept, root, run
from tools.backends.errors import Unavailable, say
from tools.backends.folder import Entry
from tools.backends.golang import AS_IT_IS, go
from tools.backends.server import PATIENCE, Server
from tools.backends.signing import signed

VERSION = "4.53"
MODULE = "github.com/seaweedfs/seaweedfs@v0.0.0-20261109003541-7506e5f91cd6"
SUM = "h1:LOYZFToHq9F7pSR6lkPGfkM8RmHlVFrzndKdhmNZjrU="
OLDEST_GO = (1, 26, 6)
PROGRAM = f"seaweedfs-{VERSION}"
BUCKET = "samovar"
#: Written and read to see that it works, then removed.
PROBE = "samovar-greeting"


class S3(Server):
    """The blobs of the split life, in one bucket."""

    name = "s3"
    listens = (
        "s3", "s3_grpc", "filer", "filer_grpc", "volume", "volume_grpc", "master", "master_grpc",
    )  # fmt: skip
    slowest_start: ClassVar[float] = 90

    def install(self) -> None:
        kept(PROGRAM, _build)

    def create(self, entry: Entry) -> Entry:
        shutil.rmtree(self.home / "data", ignore_errors=True)
        return entry

    def command(self, entry: Entry) -> list[str]:
        data, file = self.home / "data", self.home / "s3.json"
        data.mkdir(exist_ok=True)
        file.touch(mode=0o600)
        keys = [{"accessKey": BUCKET, "secretKey": entry.secret}]
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        identities = [{"name": BUCKET, "credentials": keys, "actions": actions}]
        file.write_text(json.dumps({"identities": identities}, indent=2), encoding="utf-8")
        ports = [
            f"-{name.removesuffix('_grpc')}.port{'.grpc' if name.endswith('_grpc') else ''}={port}"
            for name, port in entry.ports.items()
        ]
        return [
            str(kept(PROGRAM, _build) / "weed"), "-logtostderr=true", "server",
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={data}", *ports,
            "-filer", "-s3", f"-s3.config={file}", "-s3.iam=false", "-s3.autoCreateBucket=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.peers=none", "-master.telemetry=false", "-master.volumeSizeLimitMB=1024",
            "-volume.max=0", "-volume.preStopSeconds=0",
        ]  # fmt: skip

    def address_for(self, port: int, secret: str) -> str:
        return f"http://{BUCKET}:{secret}@127.0.0.1:{port}/{BUCKET}"

    def greet(self, address: str) -> None:
        """Have the bucket, then put something into it and get it back."""
        if _request(address, "HEAD", wanted=(200, 404)) == 404:
            _request(address, "PUT", wanted=(200, 409))
        _request(address, "PUT", PROBE, b"tea", wanted=(200,))
        _request(address, "GET", PROBE, wanted=(200,))
        _request(address, "DELETE", PROBE, wanted=(200, 204))

    def leave(self) -> None:
        # A killed one leaves its sockets, which it places by port.
        entry = self.folder.entry(self.name)
        for port in entry.ports.values() if entry else ():
            for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                path.unlink(missing_ok=True)


def _build(folder: Path) -> None:
    compiler, work = go(OLDEST_GO), root() / "work"
    say(f"building SeaweedFS {VERSION}: some minutes and 4 GB of disk, once")
    work.mkdir(parents=True, exist_ok=True)  # kept after a failure, so that another try goes on from there
    more = {
        **AS_IT_IS,
        "GOPATH": str(work / "path"),
        "GOMODCACHE": str(work / "modules"),
        "GOCACHE": str(work / "built"),
        "GOFLAGS": "-modcacherw -buildvcs=false",
        "CGO_ENABLED": "0",
    }
    said = run([compiler, "mod", "download", "-json", MODULE], "SeaweedFS could not be fetched", more=more)
    module = json.loads(said)
    if module["Sum"] != SUM:
        raise Unavailable(f"SeaweedFS is not what it was: its sum is {module['Sum']}")
    build: list[str | Path] = [
        compiler,
        "build",
        "-mod=readonly",
        "-trimpath",
        "-ldflags=-s -w",
        "-o",
        folder / "weed",
        ".",
    ]
    where = Path(module["Dir"]) / "weed"
    log = root() / "logs" / "seaweedfs.log"
    run(["nice", *build], "SeaweedFS could not be built", more=more, where=where, limit=3600, log=log)
    shutil.rmtree(work)


def _request(address: str, method: str, key: str = "", body: bytes = b"", *, wanted: tuple[int, ...]) -> int:
    """One signed request; the status of its answer. Another status than those wanted is a ValueError."""
    url = urlsplit(address)
    path = f"{url.path.rstrip('/')}/{key}".rstrip("/")
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=PATIENCE)
    try:
        key_id, secret = unquote(url.username or ""), unquote(url.password or "")
        host = f"{url.hostname}:{url.port}" if url.port else url.hostname or ""
        connection.request(method, path, body, signed(method, host, path, body, key_id, secret))
        answer = connection.getresponse()
        said = answer.read()
        if answer.status not in wanted:
            raise ValueError(f"{method} {path} was answered {answer.status} {_reason(said)}")
        return answer.status
    finally:
        connection.close()


def _reason(said: bytes) -> str:
    return said.partition(b"<Code>")[2].partition(b"</Code>")[0].decode(errors="replace")
