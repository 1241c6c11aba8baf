"""Safe opening of an untrusted workbook: what it costs, its cells, and what is hidden in it or beside its cells."""
