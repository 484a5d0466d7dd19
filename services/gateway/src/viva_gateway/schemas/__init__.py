"""What the API takes and gives, as pydantic models; `wire` turns them into protobuf messages and back."""
