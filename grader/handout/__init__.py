"""What students get: the released folder, and `check` in their notebook."""
