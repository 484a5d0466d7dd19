"""The next question, streamed and checked."""
