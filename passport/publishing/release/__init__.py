"""What leaves for another country: a released copy, and its update."""
