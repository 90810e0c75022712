"""Expression of genes across people, and the variants that go with it."""
