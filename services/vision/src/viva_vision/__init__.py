"""Faces and expressions in sampled frames; practice mode only."""
