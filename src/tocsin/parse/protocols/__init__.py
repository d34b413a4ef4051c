"""Light readers of protocols: payloads in, messages out; bounded, and no length is trusted."""
