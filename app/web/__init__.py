"""What HTTP needs under every route: parameters, ranges, visitors, origins, words for strangers."""
