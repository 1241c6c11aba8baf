"""The public passports of a project as a tree of files, for any web server, object store or CDN."""
