"""What a face keeps beside the signed documents: the resolver's own state, and how alerts are handled."""
