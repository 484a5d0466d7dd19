"""What question_gen needs from outside: its prompt files."""
