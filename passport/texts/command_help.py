"""The help of a command, split into paragraphs to translate and examples to keep."""

from __future__ import annotations

from inspect import cleandoc


def paragraphs(text: str) -> list[str]:
    """The texts of a command's help: its paragraphs, unwrapped, and the headings of its examples.

    A block that begins with the mark ``\\b`` is laid out by hand: only its lines at the margin are texts.
    """
    blocks = []
    for block in cleandoc(text).split("\n\n"):
        if block.startswith("\b"):
            blocks += [line for line in block.splitlines()[1:] if line and not line.startswith(" ")]
        elif block.strip():
            blocks.append(" ".join(block.split()))
    return blocks
