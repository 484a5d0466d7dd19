"""Scores an answer against a rubric, with quotes that are found in it."""
