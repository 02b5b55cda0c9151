"""Apache Kafka: one node that is broker and controller at once (KRaft), run from its published jars.

A record is in the system's page cache when it is acknowledged, as in any Kafka: killing the process
loses nothing, a power cut may lose the last moments, since there is no second broker. After a kill it
answers some seconds later than after a stop: first the session of the killed one has to expire.
"""

import base64
import re
import secrets
import shutil
import socket
import struct
from pathlib import Path
from typing import ClassVar

from tools.backends.cache import fingerprint, has, kept, remove, run
from tools.backends.debian import need
from tools.backends.errors import Unavailable, say
from tools.backends.folder import Entry
from tools.backends.server import PATIENCE, Server

VERSION = "4.3.1"
#: Binds Kafka's logging to log4j, as its own distribution does.
LOG4J = "2.25.4"
JARS = f"kafka-{VERSION}"
LOCK = Path(__file__).with_name("kafka.lock")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
OLDEST_JAVA = 17

POM = f"""\
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>samovar</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>
      <version>{LOG4J}</version>
    </dependency>
  </dependencies>
</project>
"""
CONFIGURATION = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=BROKER://127.0.0.1:{kafka},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={home}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.dedupe.buffer.size=16777216
"""
LOGGING = """\
rootLogger.level=info
rootLogger.appenderRef.file.ref=file
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={home}/kafka.log
appender.file.filePattern={home}/kafka.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %c{{1}}: %m%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=2
"""


class Kafka(Server):
    """The bus of the split life."""

    name = "kafka"
    listens = ("kafka", "controller")
    slowest_start: ClassVar[float] = 120

    def install(self) -> None:
        need(lambda: java_version() >= OLDEST_JAVA, "default-jre-headless", f"Java {OLDEST_JAVA} or newer")
        if not has(JARS):
            need(lambda: shutil.which("mvn") is not None, "maven", "Maven, which fetches Kafka,")
            kept(JARS, _fetch)

    def create(self, entry: Entry) -> Entry:
        remove(self.home / "data")
        self._configure(entry)
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "_")
        command = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", f"{self.home}/server.properties"]
        # Else the one replica there is counts as unclean after a crash.
        command += ["--feature", "eligible.leader.replicas.version=0"]
        run([*self._java("128m"), *command], "its data could not be laid out", log=self.home / "log")
        return entry

    def command(self, entry: Entry) -> list[str]:
        self._configure(entry)
        return [*self._java("384m"), "kafka.Kafka", str(self.home / "server.properties")]

    def address_for(self, port: int, secret: str) -> str:
        return f"127.0.0.1:{port}"

    def greet(self, address: str) -> None:
        """Ask for the brokers, then for the keeper of a group, which makes Kafka ready to have groups."""
        host, _, port = address.split(",")[0].rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as line:
            brokers = _ask(line, key=3, version=1, body=struct.pack(">i", 0))
            if struct.unpack_from(">i", brokers)[0] < 1:
                raise ValueError("no broker has registered yet")
            group = b"samovar-greeting"
            keeper = _ask(line, key=10, version=0, body=struct.pack(">h", len(group)) + group)
            if code := struct.unpack_from(">h", keeper)[0]:
                raise ValueError(f"groups can't be had yet (error {code})")

    def _configure(self, entry: Entry) -> None:
        for name, text in (("server.properties", CONFIGURATION), ("log4j2.properties", LOGGING)):
            filled = text.format(home=self.home, **entry.ports)
            (self.home / name).write_text(filled, encoding="utf-8")

    def _java(self, heap: str) -> list[str]:
        settings = f"-Dlog4j2.configurationFile={self.home}/log4j2.properties"
        jars = f"{kept(JARS, _fetch)}/*"
        return ["java", "-Xms64m", f"-Xmx{heap}", "-XX:+UseSerialGC", settings, "-cp", jars]


def java_version() -> int:
    """The main number of the installed Java; 0 when there is none."""
    if not shutil.which("java"):
        return 0
    said = run(["sh", "-c", "java -version 2>&1"], "Java does not run")
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def _fetch(folder: Path) -> None:
    """Let Maven bring Kafka and all it stands on, and see that nothing else came."""
    say(f"fetching Kafka {VERSION}")
    (folder / "pom.xml").write_text(POM, encoding="utf-8")
    command = ["mvn", "-B", "-ntp", "-q", COPY, f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
    run(command, "Kafka's jars could not be fetched", where=folder)
    came = {file.name: fingerprint(file) for file in folder.glob("*.jar")}
    lines = [line.split() for line in LOCK.read_text(encoding="ascii").splitlines()]
    expected = {name: digest for digest, name in lines}
    wrong = sorted(name for name in came.keys() | expected.keys() if came.get(name) != expected.get(name))
    if wrong:
        raise Unavailable(f"Kafka's jars are not those of {LOCK.name}: {', '.join(wrong)}")


def _ask(line: socket.socket, *, key: int, version: int, body: bytes) -> bytes:
    """One request and its answer, without the frame."""
    client = b"samovar"
    request = struct.pack(">hhih", key, version, 1, len(client)) + client + body
    line.sendall(struct.pack(">i", len(request)) + request)
    with line.makefile("rb") as answers:
        size, number = struct.unpack(">ii", answers.read(8))
        if number != 1 or not 4 <= size <= 1_000_000:
            raise ValueError("that is not Kafka")
        return answers.read(size - 4)
