"""Settings of delivery: section `[delivery]`."""

import msgspec

from samovar.kernel.settings import Secret


class DeliverySettings(msgspec.Struct, frozen=True):
    """Through whom messages leave, how fast, how often they are tried and how long the log is kept."""

    #: Private key of web push (VAPID), base64url of 32 bytes; empty: made once and kept sealed.
    vapid_key: Secret = Secret("")
    #: Days that the log is kept.
    log_days: int = 30
    #: Days after which a message is of no more use, where its sender does not say.
    expire_days: int = 3
