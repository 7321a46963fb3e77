//go:build linux

package sockets

import "proxyherd/reactor/internal/oracle/scenario"

// Family is the scenarios. They take some ten milliseconds each on either side,
// so there are fewer of them.
var Family = scenario.Family{
	Name:        "sockets",
	Weight:      4,
	Generate:    generate,
	Play:        play,
	Differences: differences,
	Statements: []string{
		"abort", "clash", "connect", "disconnect", "event", "fire", "listen", "lose", "losewrite", "pause", "pull", "push",
		"reconnect", "relisten", "remove", "resetdelay", "resume", "stop", "stopconnecting", "stopproducing", "stoptrying",
		"trigger", "unlisten", "unregister", "write", "writeseq",
		"closed: listen", "closed: relisten", "failed: disconnect", "failed: listen", "failed: reconnect",
		"failed: resetdelay", "failed: stop", "failed: stopconnecting", "failed: stoptrying", "lost: abort",
		"lost: disconnect", "lost: fire", "lost: lose", "lost: pull", "lost: push", "lost: reconnect",
		"lost: stopconnecting", "lost: stoptrying", "lost: trigger", "lost: unlisten", "lost: write", "made: abort",
		"made: disconnect", "made: lose", "made: losewrite", "made: pause", "made: pull", "made: push", "made: raise",
		"made: resetdelay", "made: stopconnecting", "made: stoptrying", "made: unlisten", "made: write", "paused: abort",
		"paused: lose", "paused: unregister", "paused: write", "readlost: abort", "readlost: lose", "readlost: losewrite",
		"readlost: raise", "readlost: write", "received: abort", "received: give", "received: lose", "received: losewrite",
		"received: pause", "received: raise", "received: stop", "received: write", "resumed: lose", "resumed: raise",
		"resumed: unregister", "resumed: write", "startFactory: listen", "started: disconnect", "started: reconnect",
		"started: stopconnecting", "stopFactory: relisten", "stopFactory: trigger", "stopped: lose", "stopped: unregister",
		"stopped: write", "trigger: event", "trigger: fire", "trigger: lose", "trigger: remove", "trigger: stop",
		"trigger: trigger", "trigger: unlisten", "trigger: write", "writelost: abort", "writelost: lose",
		"writelost: raise", "writelost: write",
	},
	Events: []string{
		"build", "closed", "doStart", "doStop", "failed", "lost", "made", "paused", "raised", "readlost", "received", "resumed",
		"started", "startFactory", "step", "stopFactory", "stopped", "trigger", "writelost",
	},
}
