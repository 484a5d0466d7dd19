"""The candidate's microphone and camera: WebRTC in, words and frames out."""
