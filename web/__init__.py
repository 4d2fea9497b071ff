"""Opens the door: HTTP, WebSocket, sessions, settings, the command line."""
