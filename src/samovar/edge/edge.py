"""What the parts of the edge share: stubs of the contexts, the clock, the site."""

from collections.abc import Callable, Sequence

from samovar.contracts.analytics import ANALYTICS
from samovar.contracts.delivery import DELIVERY
from samovar.contracts.feed import FEED
from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import IDENTITY
from samovar.contracts.items import ITEMS
from samovar.contracts.limits import LIMITS
from samovar.contracts.logs import LOGS
from samovar.contracts.media import MEDIA
from samovar.contracts.moderation import MODERATION
from samovar.contracts.notifications import NOTIFICATIONS
from samovar.contracts.posts import POSTS
from samovar.contracts.profiles import PROFILES
from samovar.contracts.reactions import REACTIONS
from samovar.contracts.realtime import REALTIME
from samovar.contracts.search import SEARCH
from samovar.edge.settings import EdgeSettings
from samovar.kernel.blobs import Blobs
from samovar.kernel.cache import Cache
from samovar.kernel.clock import Clock
from samovar.kernel.kit import Site
from samovar.kernel.limiter import Limiter
from samovar.kernel.peers import Peers, lazy
from samovar.kernel.presence import Presence
from samovar.kernel.process import Health
from samovar.kernel.pubsub import PubSub
from samovar.kernel.ring import Ring
from samovar.kernel.settings import Secret, Section


class Edge:
    """One edge process's connections to everything it talks to."""

    def __init__(
        self,
        *,
        peers: Peers,
        clock: Clock,
        cache: Cache,
        pubsub: PubSub,
        limiter: Limiter,
        presence: Presence,
        blobs: Blobs,
        site: Site,
        settings: EdgeSettings,
        health: Health,
        secret: Secret,
        process: str = "all",
        sections: Callable[[], Sequence[Section]] = tuple,
    ) -> None:
        self.peers = peers
        self.clock = clock
        self.cache = cache
        self.pubsub = pubsub
        self.limiter = limiter
        self.presence = presence
        self.blobs = blobs
        self.site = site
        self.settings = settings
        self.health = health
        self.secret = secret
        #: What this process is called.
        self.process = process
        #: The settings in force, for those who may see them.
        self.sections = sections
        #: This process's last half hour in figures.
        self.ring = Ring(clock)
        self.identity = lazy(peers, IDENTITY)
        self.profiles = lazy(peers, PROFILES)
        self.graph = lazy(peers, GRAPH)
        self.posts = lazy(peers, POSTS)
        self.reactions = lazy(peers, REACTIONS)
        self.feed = lazy(peers, FEED)
        self.media = lazy(peers, MEDIA)
        self.notifications = lazy(peers, NOTIFICATIONS)
        self.delivery = lazy(peers, DELIVERY)
        self.realtime = lazy(peers, REALTIME)
        self.moderation = lazy(peers, MODERATION)
        self.analytics = lazy(peers, ANALYTICS)
        self.limits = lazy(peers, LIMITS)
        self.logs = lazy(peers, LOGS)
        self.search = lazy(peers, SEARCH)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of content."""
        return self.peers.instances(ITEMS)

    @property
    def secure(self) -> bool:
        """True when people reach the site by https."""
        return self.site.public_url.startswith("https://")
