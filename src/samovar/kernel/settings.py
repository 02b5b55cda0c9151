"""Settings: defaults in frozen structs, over them `samovar.toml`, over that the environment.

`[posts] text_limit = 1000` in the file is `SAMOVAR_POSTS__TEXT_LIMIT=1000` in the environment; any
setting can come from a file named by `SAMOVAR_POSTS__TEXT_LIMIT_FILE`, which is how secrets come.
An unknown section or key is an error that names it.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
PREFIX = "SAMOVAR_"


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what to do."""


class Secret(str):
    """A text that never shows itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(...)" if self else "Secret('')"


def _from_text(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError


class Source:
    """All settings that were given, by section, before anyone has read them."""

    def __init__(self, file: Path | None, environment: Mapping[str, str] | None = None) -> None:
        self._sections: dict[str, dict[str, Any]] = {}
        self._names: dict[tuple[str, str], str] = {}
        if file is not None and file.exists():
            self._read_file(file)
        self._read_environment(os.environ if environment is None else environment)
        self._asked: set[str] = set()

    def _read_file(self, file: Path) -> None:
        try:
            data = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} is not valid TOML: {error}") from error
        for section, values in data.items():
            if not isinstance(values, dict):
                raise SettingsError(f"{file}: `{section}` stands outside any [section].")
            for key, value in values.items():
                self._put(section, key, value, f"{file}: [{section}] {key}")

    def _read_environment(self, environment: Mapping[str, str]) -> None:
        for name, value in environment.items():
            if not name.startswith(PREFIX) or "__" not in name:
                continue
            section, _, key = name.removeprefix(PREFIX).lower().partition("__")
            if key.endswith("_file"):
                key = key.removesuffix("_file")
                try:
                    value = Path(value).read_text(encoding="utf-8").strip()
                except OSError as error:
                    raise SettingsError(f"{name}: {error}") from error
            self._put(section, key, value, name)

    def _put(self, section: str, key: str, value: Any, name: str) -> None:
        self._sections.setdefault(section, {})[key] = value
        self._names[section, key] = name

    def section(self, name: str, kind: type[S]) -> S:
        """The settings of one section. Raises SettingsError."""
        self._asked.add(name)
        given = self._sections.get(name, {})
        known = {field.name for field in msgspec.structs.fields(kind)}
        for key in given:
            if key not in known:
                choice = ", ".join(sorted(known)) or "nothing"
                raise SettingsError(f"{self._names[name, key]}: no such setting; [{name}] knows {choice}.")
        try:
            return msgspec.convert(given, kind, strict=False, dec_hook=_from_text)
        except msgspec.ValidationError as error:
            key = str(error).rpartition("`$.")[2].partition("`")[0].partition(".")[0]
            raise SettingsError(f"{self._names.get((name, key), name)}: {error}") from error

    def origin(self, section: str, key: str) -> str:
        """Where a setting was given: "file", "environment", or "default" when it was not."""
        name = self._names.get((section, key))
        if name is None:
            return "default"
        return "environment" if name.startswith(PREFIX) else "file"

    def check_all_asked(self) -> None:
        """Raises SettingsError for a section that nobody reads."""
        for section in self._sections:
            if section not in self._asked:
                raise SettingsError(f"[{section}]: no part of Samovar has this name.")


def shown(settings: msgspec.Struct) -> dict[str, Any]:
    """Settings for showing, secrets hidden."""
    values = {}
    for field in msgspec.structs.fields(settings):
        value = getattr(settings, field.name)
        hidden = isinstance(value, Secret) or field.type is Secret
        values[field.name] = ("(set)" if value else "(not set)") if hidden else value
    return values


class Setting(msgspec.Struct, frozen=True):
    """One setting in force; secrets say only whether they are set."""

    key: str
    value: str
    #: "default", "file" or "environment".
    origin: str


class Section(msgspec.Struct, frozen=True):
    """All settings of one section."""

    name: str
    settings: tuple[Setting, ...]


def section_of(source: Source, name: str, kind: type[msgspec.Struct]) -> Section:
    """A section as it is in force, to be shown."""
    values = shown(source.section(name, kind))
    return Section(
        name,
        tuple(Setting(key, _said(value), source.origin(name, key)) for key, value in values.items()),
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else msgspec.json.encode(value).decode()
