"""Writes the files of the charts that come from elsewhere: `python -m charts.generator` after a change of what they
come from. They are committed, so that a checkout installs as it is; a test compares them with what is written anew.
"""
