"""Keep pytest, whatever it is told to collect, from importing what is written here as notebooks."""

collect_ignore_glob = ["*"]
