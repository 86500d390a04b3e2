"""OpenID Connect logout: who must be told, back channel and front channel (D-27)."""
