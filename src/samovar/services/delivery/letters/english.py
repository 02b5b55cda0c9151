"""English."""

from typing import Final

from samovar.services.delivery.letters.words import Language, Words

_NOT_YOU: Final = "If it was not you, choose a new password at once: {site_url}/forgot"

ENGLISH: Final = Language(
    templates={
        "verify_email": Words(
            "Confirm your e-mail address",
            "One click, and letters from {site} will find you.",
            ("please confirm that this address is yours.",),
            "Confirm the address",
            ("The link works once, within {hours} hours. If you did not ask for it, ignore this letter.",),
        ),
        "reset_password": Words(
            "Choose a new password",
            "Somebody, hopefully you, asked for a new password.",
            ("somebody, hopefully you, asked for a new password for your account.",),
            "Choose a new password",
            (
                (
                    "The link works once, within {minutes} minutes. If it was not you, ignore this letter: "
                    "your password stays as it is."
                ),
            ),
        ),
        "email_changed": Words(
            "Your e-mail address was changed",
            "Your account now uses another address.",
            ("your account now uses {email}, and letters no longer come to this address.",),
            "",
            ("If it was not you, write to the people who run {site}: {site_url}",),
        ),
        "password_changed": Words(
            "Your password was changed",
            "The password of your account was changed.",
            ("the password of your account was changed, and other devices were signed out.",),
            "",
            (_NOT_YOU,),
        ),
        "otp_on": Words(
            "Two-step sign-in is on",
            "A code of your authenticator is now asked for at sign-in.",
            (
                (
                    "from now on a code of your authenticator is asked for at sign-in. "
                    "Keep the recovery codes safe."
                ),
            ),
            "",
            (_NOT_YOU,),
        ),
        "otp_off": Words(
            "Two-step sign-in is off",
            "The password alone is enough again.",
            ("the password alone is enough to sign in to your account again.",),
            "",
            (_NOT_YOU,),
        ),
        "codes_renewed": Words(
            "New recovery codes",
            "The old ones no longer work.",
            ("your account has new recovery codes; the old ones no longer work.",),
            "",
            (_NOT_YOU,),
        ),
        "notification": Words("{title}", "{text}", ("{text}",), "See it"),
        "digest": Words("{title}", "What happened at {site} while you were away.", (), "See it all"),
        "system": Words("{title}", "{text}", ("{text}",), "Read more"),
        "test": Words(
            "A test",
            "It works: messages from {site} reach you.",
            ("it works: messages from {site} reach you. There is nothing to do.",),
        ),
    },
    greeting="Hello {username},",
    plain_link="If the button does not work, open this address:",
    reasons={
        "account": "You get this letter because it is about your account at {site}.",
        "digest": "You get this letter because you asked {site} for a summary.",
        "system": "You get this letter because you are a member of {site}.",
        "": "You get this letter because you asked {site} to tell you of such things.",
    },
    settings="Choose what you are told of",
    unsubscribe="No more of these",
)
