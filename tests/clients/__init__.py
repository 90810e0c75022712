"""Other programs read what we write and serve: @gmod/bbi, the reader inside JBrowse."""
