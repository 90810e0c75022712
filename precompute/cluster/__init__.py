"""Long jobs in parts, here or on other machines, that go on where they stopped."""
