"""OpenSearch: one node with the parts that search here needs, run from its published jars.

A small program (`OpenSearchNode.java`) begins a node with the HTTP of netty and the common analyzers, without
the rest of the distribution, without security, on loopback only.
"""

import http.client
import json
import shutil
from pathlib import Path
from typing import ClassVar

from tools.backends.cache import fingerprint, has, kept, remove, run
from tools.backends.debian import need
from tools.backends.errors import Unavailable, say
from tools.backends.folder import Entry
from tools.backends.kafka import COPY, OLDEST_JAVA, java_version
from tools.backends.server import PATIENCE, Server

VERSION = "2.19.6"
LOG4J = "2.25.4"
JARS = f"opensearch-{VERSION}"
LOCK = Path(__file__).with_name("opensearch.lock")
SOURCE = Path(__file__).with_name("OpenSearchNode.java")

_DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
POM = f"""\
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>samovar</groupId>
  <artifactId>opensearch</artifactId>
  <version>1</version>
  <dependencies>
    {_DEPENDENCY.format("org.opensearch", "opensearch", VERSION)}
    {_DEPENDENCY.format("org.opensearch.plugin", "transport-netty4-client", VERSION)}
    {_DEPENDENCY.format("org.opensearch.plugin", "analysis-common", VERSION)}
    {_DEPENDENCY.format("org.apache.logging.log4j", "log4j-core", LOG4J)}
  </dependencies>
</project>
"""
CONFIGURATION = """\
cluster.name: samovar
node.name: one
path.home: {home}
path.data: {home}/data
network.host: 127.0.0.1
http.port: {opensearch}
transport.port: {transport}
discovery.type: single-node
http.type: netty4
transport.type: netty4
cluster.routing.allocation.disk.threshold_enabled: false
"""
LOGGING = """\
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1}: %m%n
"""


class OpenSearch(Server):
    """The search cluster of the split life."""

    name = "opensearch"
    listens = ("opensearch", "transport")
    slowest_start: ClassVar[float] = 120

    def install(self) -> None:
        need(lambda: java_version() >= OLDEST_JAVA, "default-jre-headless", f"Java {OLDEST_JAVA} or newer")
        if not has(JARS):
            need(lambda: shutil.which("javac") is not None, "default-jdk-headless", "Java's compiler")
            need(lambda: shutil.which("mvn") is not None, "maven", "Maven, which fetches OpenSearch,")
            kept(JARS, _fetch)

    def create(self, entry: Entry) -> Entry:
        remove(self.home / "data")
        return entry

    def command(self, entry: Entry) -> list[str]:
        (self.home / "config").mkdir(exist_ok=True)
        configuration = self.home / "config" / "opensearch.yml"
        configuration.write_text(CONFIGURATION.format(home=self.home, **entry.ports), encoding="utf-8")
        logging = self.home / "log4j2.properties"
        logging.write_text(LOGGING, encoding="utf-8")
        jars = kept(JARS, _fetch)
        return [
            "java", "-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={logging}",
            "-cp", f"{jars}:{jars}/*", "OpenSearchNode", str(configuration),
        ]  # fmt: skip

    def address_for(self, port: int, secret: str) -> str:
        return f"http://127.0.0.1:{port}"

    def greet(self, address: str) -> None:
        """Ask how the cluster is."""
        host, _, port = address.removeprefix("http://").partition(":")
        line = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
        try:
            line.request("GET", "/_cluster/health")
            answer = json.loads(line.getresponse().read(100_000))
        finally:
            line.close()
        if answer.get("status") not in ("green", "yellow"):
            raise ValueError(f"its cluster is {answer.get('status')}")


def _fetch(folder: Path) -> None:
    """Let Maven bring OpenSearch and all it stands on, see that nothing else came, compile its beginning."""
    say(f"fetching OpenSearch {VERSION}")
    (folder / "pom.xml").write_text(POM, encoding="utf-8")
    command = ["mvn", "-B", "-ntp", "-q", COPY, f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
    run(command, "OpenSearch's jars could not be fetched", where=folder)
    came = {file.name: fingerprint(file) for file in folder.glob("*.jar")}
    lines = [line.split() for line in LOCK.read_text(encoding="ascii").splitlines()]
    expected = {name: digest for digest, name in lines}
    wrong = sorted(name for name in came.keys() | expected.keys() if came.get(name) != expected.get(name))
    if wrong:
        raise Unavailable(f"OpenSearch's jars are not those of {LOCK.name}: {', '.join(wrong)}")
    compile_ = ["javac", "-cp", f"{folder}/*", "-d", str(folder), str(SOURCE)]
    run(compile_, "the beginning of OpenSearch could not be compiled", where=folder)
