"""What the letters say, in English and Russian."""

from collections.abc import Mapping
from typing import Final

import msgspec

VERIFY: Final = "verify"
RESET: Final = "reset"
EMAIL_CHANGED: Final = "email_changed"
PASSWORD_CHANGED: Final = "password_changed"
OTP_ON: Final = "otp_on"
OTP_OFF: Final = "otp_off"
CODES_RENEWED: Final = "codes_renewed"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that waits to be sent: sealed in the table until then."""

    kind: str
    to: str
    locale: str
    username: str
    #: Of the link, where there is one.
    token: str = ""
    #: The new address, in the notice to the old one.
    email: str = ""


_TEXTS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "en": {
        VERIFY: (
            "Confirm your e-mail address",
            (
                "please confirm that this address is yours:\n\n{link}\n\n"
                "The link works once, within {hours} hours. If you did not ask for it, ignore this letter."
            ),
        ),
        RESET: (
            "Choose a new password",
            (
                "somebody, hopefully you, asked for a new password. Choose it here:\n\n{link}\n\n"
                "The link works once, within {minutes} minutes. If it was not you, ignore this letter: your "
                "password stays as it is."
            ),
        ),
        EMAIL_CHANGED: (
            "Your e-mail address was changed",
            (
                "your account now uses {email}, and letters no longer come to this address.\n\n"
                "If it was not you, write to the people who run {site}: {url}"
            ),
        ),
        PASSWORD_CHANGED: (
            "Your password was changed",
            (
                "the password of your account was changed, and other devices were signed out.\n\n"
                "If it was not you, choose a new password at once: {url}/forgot"
            ),
        ),
        OTP_ON: (
            "Two-step sign-in is on",
            (
                "from now on a code of your authenticator is asked for at sign-in. "
                "Keep the recovery codes safe.\n\n"
                "If it was not you, choose a new password at once: {url}/forgot"
            ),
        ),
        OTP_OFF: (
            "Two-step sign-in is off",
            (
                "the password alone is enough to sign in to your account again.\n\n"
                "If it was not you, choose a new password at once: {url}/forgot"
            ),
        ),
        CODES_RENEWED: (
            "New recovery codes",
            (
                "your account has new recovery codes; the old ones no longer work.\n\n"
                "If it was not you, choose a new password at once: {url}/forgot"
            ),
        ),
    },
    "ru": {
        VERIFY: (
            "Подтвердите адрес почты",
            (
                "подтвердите, пожалуйста, что это ваш адрес:\n\n{link}\n\n"
                "Ссылка сработает один раз; она действует {hours} ч. Если вы её не запрашивали, просто не "
                "обращайте внимания на это письмо."
            ),
        ),
        RESET: (
            "Новый пароль",
            (
                "кто-то, надеемся, что вы, попросил сменить пароль. Это можно сделать здесь:\n\n{link}\n\n"
                "Ссылка сработает один раз; она действует {minutes} мин. Если это были не вы, "
                "не обращайте внимания на это письмо: пароль останется прежним."
            ),
        ),
        EMAIL_CHANGED: (
            "Адрес почты изменён",
            (
                "теперь у вашей учётной записи адрес {email}; сюда письма больше не придут.\n\n"
                "Если это сделали не вы, напишите тем, кто ведёт {site}: {url}"
            ),
        ),
        PASSWORD_CHANGED: (
            "Пароль изменён",
            (
                "пароль вашей учётной записи изменён, на других устройствах нужно войти заново.\n\n"
                "Если это сделали не вы, сразу же выберите новый пароль: {url}/forgot"
            ),
        ),
        OTP_ON: (
            "Вход в два шага включён",
            (
                "теперь при входе нужен код из приложения. Храните запасные коды в надёжном месте.\n\n"
                "Если это сделали не вы, сразу же выберите новый пароль: {url}/forgot"
            ),
        ),
        OTP_OFF: (
            "Вход в два шага выключен",
            (
                "для входа снова достаточно одного пароля.\n\n"
                "Если это сделали не вы, сразу же выберите новый пароль: {url}/forgot"
            ),
        ),
        CODES_RENEWED: (
            "Новые запасные коды",
            (
                "у вашей учётной записи новые запасные коды, прежние больше не действуют.\n\n"
                "Если это сделали не вы, сразу же выберите новый пароль: {url}/forgot"
            ),
        ),
    },
}
_FRAMES: Final = {
    "en": "Hello {username},\n\n{text}\n\n{site}\n{url}\n",
    "ru": "Здравствуйте, {username}!\n\n{text}\n\n{site}\n{url}\n",
}


def write(draft: Draft, *, site: str, url: str, hours: int, minutes: int) -> tuple[str, str]:
    """Subject and text."""
    subject, text = _TEXTS[draft.locale][draft.kind]
    link = f"{url}/{draft.kind}/{draft.token}"
    text = text.format(link=link, email=draft.email, site=site, url=url, hours=hours, minutes=minutes)
    body = _FRAMES[draft.locale].format(username=draft.username, text=text, site=site, url=url)
    return f"{subject} - {site}", body
