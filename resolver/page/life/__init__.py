"""The life of a pack on its page, and the page of its events."""
