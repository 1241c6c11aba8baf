"""Read-outs of packs that have a passport: judged, signed and stored in blocks."""
