"""patrolmap plans school-safety patrols: places and times, never people."""
