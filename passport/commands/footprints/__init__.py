"""``passport footprint``: a battery's carbon footprint, calculated, declared and countersigned."""
