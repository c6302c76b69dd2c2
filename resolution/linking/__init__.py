"""Linking: what is learned from labels, and how pairs and clusters are scored by it."""
