"""What each viewer may see, worked out in plain Python from the tables."""
