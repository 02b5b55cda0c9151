"""Settings of identity: section `[identity]`."""

from collections.abc import Mapping

import msgspec

from samovar.kernel.limiter import Policy, policy


class IdentitySettings(msgspec.Struct, frozen=True):
    """Costs, lifetimes and limits. The defaults follow OWASP's advice."""

    #: Memory of one password hash (argon2id), in KiB.
    argon_memory_kib: int = 19_456
    #: Passes of one password hash.
    argon_passes: int = 2
    #: Threads that hash passwords: bounds memory and processor time.
    hash_workers: int = 2
    #: Password checks that may wait for a thread; more are refused as unavailable.
    hash_queue: int = 64

    #: Seconds that an access token of an app lives.
    access_seconds: int = 900
    #: Days after which an unused session ends.
    idle_days: int = 30
    #: Days after which a browser's session ends however much it is used.
    browser_days: int = 180
    #: Days after which an app's session ends however often it is refreshed.
    app_days: int = 90
    #: Seconds in which a refresh whose answer was lost may be repeated.
    refresh_retry_seconds: int = 10
    #: Live sessions of one account; a new one ends the longest unused beyond it.
    max_sessions: int = 100
    #: Seconds between two notes of when a session was last seen.
    seen_seconds: int = 60
    #: Days that a signing key is used for new access tokens.
    key_days: int = 30

    #: Wrong passwords that may come at once from one address for one account.
    guesses_burst: int = 10
    #: More of them per minute.
    guesses_per_minute: float = 1.0
    #: Wrong passwords that may come at once from one address for all accounts.
    address_burst: int = 100
    #: More of them per minute.
    address_per_minute: float = 20.0
    #: Wrong passwords that may come at once for one account from addresses it was never used from.
    account_burst: int = 60
    #: More of them per minute.
    account_per_minute: float = 2.0
    #: Wrong codes of the second factor that may come at once.
    otp_burst: int = 5
    #: More of them per minute.
    otp_per_minute: float = 0.2
    #: New accounts that may come at once from one address.
    register_burst: int = 20
    #: More of them per minute.
    register_per_minute: float = 2.0
    #: Letters that one person or address may have sent at once.
    letters_burst: int = 5
    #: More of them per minute.
    letters_per_minute: float = 0.1
    #: Days that an address stays known to an account after a sign-in from it.
    known_address_days: int = 90

    #: Hours that a link in a verification letter is good for.
    verify_hours: int = 24
    #: Minutes that a link in a reset letter is good for.
    reset_minutes: int = 60
    #: Days that the name of a deleted account stays taken.
    name_reserved_days: int = 30


def limits(settings: IdentitySettings) -> Mapping[str, Policy]:
    """What is throttled, by action."""
    use = settings
    return {
        "guess": policy(use.guesses_burst, use.guesses_per_minute),
        "guess-address": policy(use.address_burst, use.address_per_minute),
        "guess-account": policy(use.account_burst, use.account_per_minute),
        "code": policy(use.otp_burst, use.otp_per_minute),
        "code-account": policy(use.otp_burst * 4, use.otp_per_minute),
        "register": policy(use.register_burst, use.register_per_minute),
        "letter": policy(use.letters_burst, use.letters_per_minute),
        "letter-address": policy(use.letters_burst * 4, use.letters_per_minute * 4),
    }
