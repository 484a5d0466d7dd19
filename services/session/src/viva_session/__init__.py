"""The interview itself: state machine, planner, question bank, evidence of consent, outbox."""
