"""The language of a person at a terminal, from the locale."""

from __future__ import annotations

from collections.abc import Mapping

from passport.texts.catalogue import ENGLISH, languages


def language_of_locale(environment: Mapping[str, str]) -> str:
    """The language that the locale names (POSIX: ``LC_ALL`` before ``LC_MESSAGES`` before ``LANG``), else English."""
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    wanted = named.replace("-", "_").partition(".")[0].partition("_")[0].lower()
    return wanted if wanted in languages() else ENGLISH
