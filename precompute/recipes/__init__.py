"""The demo, real and simulated, and the recipe that makes it from public files."""
