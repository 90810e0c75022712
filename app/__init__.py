"""Everything a person sees or a genome browser fetches: the command line, the server, the page."""
