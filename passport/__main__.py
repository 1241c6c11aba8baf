"""``python -m passport``: the same as the command ``passport``."""

from __future__ import annotations

from passport.commands import main

if __name__ == "__main__":
    main(prog_name="passport")
