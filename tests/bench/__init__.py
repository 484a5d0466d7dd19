"""`make bench`: Viva measured against its peers, both sides in the same run."""
