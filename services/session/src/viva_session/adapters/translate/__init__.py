"""Domain to protobuf and back, in one place for every edge."""
