"""Pictures of the view, to take away."""
