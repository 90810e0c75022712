"""The routes under /api/v1, a file a family."""
