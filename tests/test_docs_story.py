"""docs/story.md is run: every command, in its order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from passport.commands import main
from resolver.commands.story import story

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "story.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_runs_in_its_order(tmp_path, monkeypatch):
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    outputs = {}
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ passport "))
            done = CliRunner().invoke(main, words)
            assert done.exit_code == 0, (words, done.output)
            outputs[" ".join(words[:2])] = done.stdout
    assert "40 events of 9 actors" in outputs["demo --story"]
    assert "Recycled" in outputs["history ZZZPE10A7K2M0597M0000042"]
    assert "nothing was deleted" in outputs["log verify"]
    assert outputs["alerts list"].strip() == "no alerts"


def test_the_page_counts_as_the_story_does():
    steps = story()["steps"]
    assert f"{len(steps)} events" in PAGE and f"{sum('pack' not in step for step in steps)} events" in PAGE
    assert all(name in PAGE for name in story()["actors"])
    vins = {step["vin"] for step in steps if "vin" in step}
    assert len(vins) == 2 and "two VINs" in PAGE


def test_the_pictures_are_small():
    for name in ("life-desktop", "life-phone"):
        assert (ROOT / "docs" / "images" / f"{name}.png").stat().st_size < 120_000
