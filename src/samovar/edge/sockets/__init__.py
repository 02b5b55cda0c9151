"""Live connections: WebSockets, and streams of events where sockets are blocked."""
