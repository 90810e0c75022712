"""The routes that IGV, UCSC and JBrowse read."""
