"""From trips and windows to detections, one file each."""
