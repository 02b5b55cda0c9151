"""Redis behind the kernel's cache, pub/sub, limits and presence. It holds only what can be made again.

    link = connect("redis://:secret@host:6379/0")
    cache = RedisCache(link, clock)

When it is away, or slow, nobody gets an error for that: each port says what it does then.
"""

from samovar.adapters.redis.cache import RedisCache
from samovar.adapters.redis.limits import RedisLimits
from samovar.adapters.redis.link import Away, Link, connect
from samovar.adapters.redis.presence import RedisPresence
from samovar.adapters.redis.pubsub import RedisPubSub

__all__ = ["Away", "Link", "RedisCache", "RedisLimits", "RedisPresence", "RedisPubSub", "connect"]
