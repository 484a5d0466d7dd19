"""What reaches outside: prompt files, further models."""
