"""What `viva demo` needs to hold an interview: a made-up position, a résumé, and candidates with something to say."""
