"""What goes wrong around us: workers killed, connections cut, the broker emptied."""
