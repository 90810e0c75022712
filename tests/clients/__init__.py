"""Other programs read what we write and serve: igv.js, and @gmod/bbi, the reader inside JBrowse."""
