"""Settings of delivery: section `[delivery]`."""

import msgspec

from samovar.kernel.settings import Secret


class DeliverySettings(msgspec.Struct, frozen=True):
    """Through whom messages leave, how fast, how often they are tried and how long the log is kept."""

    #: SMTP server that letters leave by; empty: each becomes a file in the data folder's `mail`.
    smtp_host: str = ""
    #: Its port: 587 for "starttls", 465 for "tls".
    smtp_port: int = 587
    #: "starttls", "tls", or "plain" for a server on the same machine.
    smtp_security: str = "starttls"
    #: Name of our account there; empty: without one.
    smtp_username: str = ""
    #: Its password.
    smtp_password: Secret = Secret("")
    #: File with the certificate that the server's is signed by; empty: those that the system knows.
    smtp_ca_file: str = ""
    #: What letters call their sender; empty: the community's name.
    sender_name: str = ""

    #: Private key of web push (VAPID), base64url of 32 bytes; empty: made once and kept sealed.
    vapid_key: Secret = Secret("")
    #: Whom push services may write to about us, such as "mailto:postmaster@example.org"; empty: the sender
    #: of letters.
    vapid_contact: str = ""
    #: Hosts of push services that may be private or without https, separated by commas: for tests and for
    #: a push service of one's own.
    push_private_hosts: str = ""

    #: Service account of Firebase (the whole JSON file), for push to Android; empty: none.
    fcm_account: Secret = Secret("")
    #: Where Firebase answers.
    fcm_url: str = "https://fcm.googleapis.com"
    #: Key of Apple's push service (the text of the .p8 file); empty: none.
    apns_key: Secret = Secret("")
    #: Id of that key.
    apns_key_id: str = ""
    #: Id of the team that it belongs to.
    apns_team: str = ""
    #: Bundle id of the app.
    apns_topic: str = ""
    #: Where Apple answers; api.sandbox.push.apple.com for apps in development.
    apns_url: str = "https://api.push.apple.com"
    #: Token of a Telegram bot; empty: none.
    telegram_token: Secret = Secret("")
    #: Where Telegram answers.
    telegram_url: str = "https://api.telegram.org"
    #: An SMS service as Apprise addresses it, with {to} for the number, such as
    #: "twilio://sid:token@from/{to}"; empty: none.
    sms_url: Secret = Secret("")

    #: Seconds that a provider has for one message.
    time_limit_seconds: float = 30
    #: Messages that are handed to one provider at once.
    at_once: int = 8
    #: Tries before a message is given up.
    attempts: int = 8
    #: Seconds until the second try; doubled with each further one.
    retry_seconds: float = 30
    #: Most seconds between two tries.
    retry_most_seconds: float = 3 * 3600
    #: Failures in a row after which a provider is left alone for a while.
    failures: int = 5

    #: Letters that one person may get at once; more wait.
    email_burst: int = 30
    #: More of them per hour.
    email_per_hour: float = 30
    #: Other messages that one person may get at once by one channel; more wait.
    message_burst: int = 60
    #: More of them per hour.
    message_per_hour: float = 120
    #: Messages that one provider may be handed at once; what is more waits.
    provider_burst: int = 200
    #: More of them per minute; 0 turns the limit off.
    provider_per_minute: float = 600

    #: Days that the log is kept.
    log_days: int = 30
    #: Days after which a message is of no more use, where its sender does not say.
    expire_days: int = 3
