"""Style sheets and drawing code of the page, and the data and models that are shipped."""
