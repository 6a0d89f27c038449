"""What this installation is, whatever studios it holds: its site, its heartbeats, its backups."""
