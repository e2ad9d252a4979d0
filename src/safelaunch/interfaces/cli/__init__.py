"""The command line: `safelaunch` (`design.md` 8.4). Commands are loaded when they are asked for."""
