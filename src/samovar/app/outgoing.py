"""Who takes letters and messages away: a folder and web push unless `[delivery]` names providers."""

from pathlib import Path
from typing import Any

import msgspec

from samovar.adapters.webpush import WebPush
from samovar.kernel.clock import Clock
from samovar.kernel.mail import FolderMail, Mail
from samovar.kernel.messengers import Messenger
from samovar.kernel.settings import SettingsError
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
    timeout = settings.time_limit_seconds
    found: dict[str, Messenger] = {
        "push": WebPush(contact=contact, allowed=hosts, timeout=timeout, clock=clock)
    }
    if settings.fcm_account:
        from samovar.adapters.fcm import Fcm

        try:
            found["fcm"] = Fcm(settings.fcm_account, url=settings.fcm_url, timeout=timeout, clock=clock)
        except msgspec.DecodeError as error:
            raise SettingsError(f"[delivery] fcm_account is not a service account's JSON: {error}") from error
    if settings.apns_key:
        from samovar.adapters.apns import Apns

        found["apns"] = Apns(
            key=settings.apns_key, key_id=settings.apns_key_id, team=settings.apns_team,
            topic=settings.apns_topic, url=settings.apns_url, timeout=timeout, clock=clock,
        )  # fmt: skip
    if settings.telegram_token:
        from samovar.adapters.telegram import Telegram

        found["telegram"] = Telegram(
            settings.telegram_token, url=settings.telegram_url, timeout=timeout, clock=clock
        )
    if settings.sms_url:
        from samovar.adapters.sms import Sms

        found["sms"] = Sms(settings.sms_url, timeout=timeout)
    return found
