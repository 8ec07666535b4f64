"""Views of a result: HTML pages, terminal tables, JSON and CSV, the files of other platforms."""
