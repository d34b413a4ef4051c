"""From detections to findings: corroborated, suppressed, accounted for."""
