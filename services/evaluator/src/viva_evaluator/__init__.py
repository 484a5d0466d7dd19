"""Scores answers against a rubric, with the quotes that justify each score."""
