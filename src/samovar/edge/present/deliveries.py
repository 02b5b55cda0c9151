"""What was sent to somebody, in words."""

import msgspec

from samovar.contracts.delivery import Sent
from samovar.edge.present.times import rfc3339
from samovar.edge.web import i18n


class AttemptView(msgspec.Struct, kw_only=True, frozen=True):
    """One time that a message was handed to its provider."""

    at: str
    outcome: str
    provider: str
    provider_id: str
    detail: str


class DeliveryView(msgspec.Struct, kw_only=True, frozen=True):
    """A message and what became of it."""

    id: str
    channel: str
    template: str
    category: str
    address: str
    state: str
    reason: str
    created_at: str
    #: When it is tried next.
    due_at: str | None
    ended_at: str | None
    attempts: tuple[AttemptView, ...]


def view(sent: Sent) -> DeliveryView:
    return DeliveryView(
        id=sent.id, channel=sent.channel, template=sent.template, category=sent.category,
        address=sent.address, state=sent.state, reason=sent.reason, created_at=rfc3339(sent.created_at),
        due_at=rfc3339(sent.due_at) if sent.due_at else None,
        ended_at=rfc3339(sent.ended_at) if sent.ended_at else None,
        attempts=tuple(
            AttemptView(
                at=rfc3339(attempt.started_at), outcome=attempt.outcome, provider=attempt.provider,
                provider_id=attempt.provider_id, detail=attempt.detail,
            )
            for attempt in sent.attempts
        ),
    )  # fmt: skip


def channel_name(channel: str) -> str:
    """What people call a channel."""
    names = {
        "email": i18n.translate("E-mail"), "push": i18n.translate("Notice in the browser"),
        "fcm": i18n.translate("Notice on the phone"), "apns": i18n.translate("Notice on the phone"),
        "sms": i18n.translate("SMS"), "telegram": "Telegram",
    }  # fmt: skip
    return names.get(channel, channel)


def category_name(category: str) -> str:
    """What people call a kind of messages."""
    names = {
        "account": i18n.translate("About the account"), "digest": i18n.translate("Summaries"),
        "system": i18n.translate("News of the community"), "mentioned": i18n.translate("Mentions of you"),
        "replied": i18n.translate("Replies"), "quoted": i18n.translate("Quotes"),
        "reacted": i18n.translate("Reactions"), "reposted": i18n.translate("Reposts"),
        "followed": i18n.translate("New followers"),
        "follow_requested": i18n.translate("Requests to follow you"),
        "follow_accepted": i18n.translate("Accepted requests"),
        "poll_ended": i18n.translate("Polls that ended"), "reminder": i18n.translate("Reminders"),
    }  # fmt: skip
    return names.get(category, category.replace("_", " "))


def state_name(state: str) -> str:
    """What became of a message, in a few words."""
    names = {
        "queued": i18n.translate("Waiting to be sent"), "sending": i18n.translate("On its way"),
        "deferred": i18n.translate("Not taken yet, will be tried again"),
        "accepted": i18n.translate("Taken by the provider"),
        "failed": i18n.translate("Not delivered"), "bounced": i18n.translate("The address does not work"),
        "suppressed": i18n.translate("Not sent, since you don’t want it or it has nowhere to go"),
        "expired": i18n.translate("Not sent in time"),
    }  # fmt: skip
    return names.get(state, state)
