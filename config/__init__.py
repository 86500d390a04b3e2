"""What every package stands on: settings, database handle, snapshots, seal, audit, guard. No business rule."""
