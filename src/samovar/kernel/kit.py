"""What a service is given to build itself from."""

from collections.abc import Mapping
from typing import Any

import msgspec

from samovar.kernel.blobs import Blobs
from samovar.kernel.cache import Cache
from samovar.kernel.clock import Clock
from samovar.kernel.facts import Facts
from samovar.kernel.fulltext import FullText
from samovar.kernel.ids import Ids
from samovar.kernel.limiter import Limiter
from samovar.kernel.limits import Limits
from samovar.kernel.mail import Mail
from samovar.kernel.messengers import Messenger
from samovar.kernel.once import Once
from samovar.kernel.peers import Peers
from samovar.kernel.presence import Presence
from samovar.kernel.pubsub import PubSub
from samovar.kernel.settings import Secret
from samovar.kernel.store import Db


class Site(msgspec.Struct, frozen=True):
    """The community, as every part of it may need to know it."""

    #: What the community is called.
    name: str = "Samovar"
    #: What it is, in a sentence; strangers see it first.
    description: str = "A warm place for our community."
    #: The address people use, without a trailing slash.
    public_url: str = "http://localhost:8000"
    #: The language for people whose own is not known: "en" or "ru".
    locale: str = "en"
    #: May strangers make accounts?
    registrations_open: bool = True
    #: Sender of letters.
    mail_from: str = "samovar@localhost"


class Kit(msgspec.Struct, frozen=True, kw_only=True):
    """One service's share of the kernel."""

    service: str
    db: Db
    clock: Clock
    ids: Ids
    peers: Peers
    cache: Cache
    pubsub: PubSub
    #: Buckets of the service's own.
    limits: Limits
    #: Decides how often members may do what.
    limiter: Limiter
    presence: Presence
    #: Keys begin with the name of the service.
    blobs: Blobs
    fulltext: FullText
    mail: Mail
    #: Other ways to people, by channel: those that are configured.
    messengers: Mapping[str, Messenger]
    once: Once
    settings: Any
    site: Site
    #: A store made for facts, if there is one.
    facts: Facts | None = None
    #: The installation's secret: keys are derived from it, never used as it is.
    secret: Secret
