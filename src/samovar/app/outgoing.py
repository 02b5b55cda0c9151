"""Who takes letters and messages away: a folder and web push unless `[delivery]` names providers."""

from pathlib import Path
from typing import Any

from samovar.adapters.webpush import WebPush
from samovar.kernel.clock import Clock
from samovar.kernel.mail import FolderMail, Mail
from samovar.kernel.messengers import Messenger
from samovar.services.delivery.settings import DeliverySettings


def outgoing(settings: DeliverySettings, folder: Path, sender: str, clock: Clock) -> dict[str, Any]:
    """The backends `mail` and `messengers`."""
    return {
        "mail": _mail(settings, folder, sender, clock),
        "messengers": _messengers(settings, sender, clock),
    }


def _mail(settings: DeliverySettings, folder: Path, sender: str, clock: Clock) -> Mail:
    if not settings.smtp_host:
        return FolderMail(folder / "mail", sender, clock)
    from samovar.adapters.smtp import SmtpMail

    return SmtpMail(
        settings.smtp_host, settings.smtp_port, security=settings.smtp_security,
        username=settings.smtp_username, password=settings.smtp_password, ca_file=settings.smtp_ca_file,
        sender=sender, timeout=settings.time_limit_seconds, connections=settings.at_once, clock=clock,
    )  # fmt: skip


def _messengers(settings: DeliverySettings, sender: str, clock: Clock) -> dict[str, Messenger]:
    hosts = [host.strip() for host in settings.push_private_hosts.split(",") if host.strip()]
    contact = settings.vapid_contact or f"mailto:{sender}"
    return {"push": WebPush(contact=contact, allowed=hosts, timeout=settings.time_limit_seconds, clock=clock)}
