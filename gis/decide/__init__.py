"""What follows from findings: answers that can be checked again."""
