"""Tests of the door for language models."""
