"""What is measured of the road from reads to tracks, on reads whose truth is known."""
