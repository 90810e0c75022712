"""Other programs read what we write and serve: igv.js, JBrowse and its readers of @gmod."""
