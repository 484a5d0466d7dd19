"""The interview as pure code: no I/O, no framework; time and ids are handed in."""
