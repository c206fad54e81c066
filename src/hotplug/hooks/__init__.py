"""The hooks floor: declare, implement, call. It knows nothing of hosts."""
