"""Records in plain files: workbooks, CSV, JSON, JSON lines, Parquet; and the files that they link."""
