"""The protocol: the only room that knows Authlib and that raises OAuth errors. It has no templates."""
