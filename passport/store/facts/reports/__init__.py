"""What upload reports are made of: the events of an actor, its outlets, and what is missing or contradicts."""
