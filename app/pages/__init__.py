"""The frames of the pages, and what is sent with them."""
