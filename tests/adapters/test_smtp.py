"""Letters by SMTP under TLS, as the adapter alone."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from samovar.adapters.smtp import SmtpMail
from samovar.kernel.clock import SystemClock
from samovar.kernel.mail import Letter
from samovar.kernel.messengers import Later
from tests.outside.smtp import mail_server

LETTER = Letter(id="x-1", to="anna@example.org", subject="Привет", text="Чай готов\n", html="<p>Чай</p>")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key and a certificate of its own for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return file


@asynccontextmanager
async def mail_to(port: int, **options: Any) -> AsyncIterator[SmtpMail]:
    usual = {
        "security": "starttls", "username": "", "password": "", "ca_file": "",
        "sender": "samovar@example.org",
        "timeout": 20, "connections": 2, "clock": SystemClock(),
    }  # fmt: skip
    mail = SmtpMail("127.0.0.1", port, **{**usual, **options})
    try:
        yield mail
    finally:
        await mail.close()


def serving(certificate: Path) -> dict[str, Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return {"tls_context": context, "require_starttls": True}


async def test_a_letter_under_starttls(certificate: Path) -> None:
    async with (
        mail_server(**serving(certificate)) as server,
        mail_to(server.port, ca_file=str(certificate)) as mail,
    ):
        assert "queued" in await mail.send(LETTER)
        await mail.send(LETTER)
        assert len(server.letters) == 2 and server.connections == 1
        assert server.letters[0]["Subject"] == "Привет"


async def test_a_server_that_can_not_prove_who_it_is_gets_nothing(certificate: Path) -> None:
    async with mail_server(**serving(certificate)) as server, mail_to(server.port) as mail:
        with pytest.raises(Later) as refused:
            await mail.send(LETTER)
        assert refused.value.provider and server.letters == []


async def test_without_tls_nothing_is_sent_where_it_is_asked_for() -> None:
    async with mail_server() as server, mail_to(server.port) as mail:
        with pytest.raises(Later):
            await mail.send(LETTER)
        assert server.letters == []


async def test_a_line_that_the_server_ended_meanwhile_is_opened_anew() -> None:
    async with mail_server() as server, mail_to(server.port, security="plain") as mail:
        await mail.send(LETTER)
        server.hang_up()
        await mail.send(LETTER)
        assert len(server.letters) == 2 and server.connections == 2
