"""Tables of life-cycle events and read-outs: files that many events come in."""
