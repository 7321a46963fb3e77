//go:build linux

package sockets

// plots are what there is to tell; one that stands here twice is told twice as
// often. Only one end of a connection acts in a step: else what it sends would
// cross what its peer sends, and which came first would be the poller's choice.
var plots = []plot{talk, talk, talk, flow, pull, push, push, halfClose, halfClose, ports, connectors, connectors, retries, shutdown, shutdown}

// talk: little is said, and ended in every way.
var talk = plot{
	connections: 4,
	before:      []string{"listen p1"},
	connect:     []string{"connect C p1", "connect C p1", "connect C p1", "connect C p1 chalf", "connect C p1 shalf"},
	reactions: []string{
		"in made C 1: write C #", "in made S 1: write S #", "in made S 1: lose S", "in made C 1: lose C",
		"in made C 1: raise C", "in made C 1: disconnect F", "in made E 1: write E #; lose E", "in made E 1: abort E",
		"in received E N: write E #", "in received E N: write E #; lose E", "in received E N: lose E",
		"in received E N: raise E", "in received E N: give E ConnectionLost", "in received E N: give E UserError",
		"in received E N: give E ConnectionDone", "in received E N: abort E", "in received E N: pause E",
		"in lost E 1: write E #", "in lost E 1: lose E", "in lost E 1: abort E", "in lost E 1: write P #",
	},
	steps: []string{
		"write E #", "write E #", "write E #; write E #", "writeseq E # 0 #", "writeseq E 0 0", "write E 0",
		"write E #; lose E", "write E #; lose E; write E #", "lose E", "lose E; lose E", "stopproducing E",
		"abort E", "write E #; abort E", "write E #; lose E; abort E", "abort E; lose E; write E #", "abort E; abort E",
		"pause E", "pause E", "resume E", "resume E", "pause E; resume E", "resume E; pause E", "pause E; write E #",
	},
	most: 9,
}

// flow: more than a socket takes at once, to readers that pause.
var flow = plot{
	connections: 2,
	before:      []string{"listen p1"},
	connect:     []string{"connect C p1"},
	reactions: []string{
		"in made S 1: pause S", "in made S 1: write S @; lose S", "in lost E 1: write E #",
	},
	steps: []string{
		"write E @", "write E @; write E #", "writeseq E @ # @", "write E @; lose E", "write E @; lose E; write E @",
		"write E @; losewrite E; write E #",
		"pause P; write E !", "pause P; write E !; lose E", "write E @; abort E",
		"pause P", "resume P", "resume E", "resume C; resume S", "abort P", "write E #",
	},
	most:  6,
	after: []string{"resume C", "resume S"},
}

// pull: producers that are asked for each piece, and how they hold up an end.
var pull = plot{
	connections: 2,
	before:      []string{"listen p1"},
	connect:     []string{"connect C p1", "connect C p1 chalf", "connect C p1 shalf"},
	reactions: []string{
		"in made C 1: pull C # N", "in made S 1: pull S @ N; lose S", "in resumed E N: write E @", "in resumed E N: unregister E",
		"in resumed E N: lose E", "in resumed E N: raise E", "in stopped E 1: unregister E", "in stopped E 1: write E #",
		"in lost E 1: pull E # N",
	},
	steps: []string{
		"pull E # N", "pull E # N", "pull E @ N", "pull E @ N; write E @", "pull E # N; lose E", "pull E # 0", "pull E # 0; lose E",
		"pull E # N; pull E # N", "pull E # N; push E", "pause P; pull E ! 2", "pause P", "resume P", "resume P", "unregister E",
		"unregister E; pull E # 1", "write E #", "write E @", "writeseq E 0 0", "losewrite E", "lose E", "abort E",
	},
	most:  7,
	after: []string{"unregister C", "unregister S", "resume C", "resume S"},
}

// push: producers that are paused when too much waits, and how they hold up an
// end or do not.
var push = plot{
	connections: 1,
	before:      []string{"listen p1"},
	connect:     []string{"connect C p1", "connect C p1 chalf", "connect C p1 shalf"},
	reactions: []string{
		"in made C 1: push C", "in made S 1: push S @ N; write S @", "in paused E 1: write E #", "in paused E 1: unregister E",
		"in paused E 1: lose E", "in paused E 1: abort E", "in resumed E N: write E @", "in resumed E N: unregister E",
		"in resumed E N: lose E", "in resumed E N: raise E", "in stopped E 1: write E #", "in stopped E 1: lose E", "in lost E 1: push E",
	},
	steps: []string{
		"push E # N; write E @", "push E @ N; write E @", "push E; write E @; write E #", "push E @ N; write E 65536",
		"push E; write E 65537; lose E", "push E # N; write E @; lose E", "push E; lose E", "push E; push E", "push E @ N", "push E",
		"write E @", "write E @; write E @", "writeseq E 65536 1", "writeseq E 60000 5000; write E 536; write E 1",
		"unregister E", "unregister E; push E # N; write E @", "pause P; push E # N; write E !", "pause P; push E; write E !; write E #",
		"pause P", "resume P", "resume P", "losewrite E", "write E @; abort E", "lose E",
	},
	most:  7,
	after: []string{"unregister C", "unregister S", "resume C", "resume S"},
}

// halfClose: one direction ends before the other.
var halfClose = plot{
	connections: 2,
	before:      []string{"listen p1"},
	connect:     []string{"connect C p1", "connect C p1 chalf", "connect C p1 shalf", "connect C p1 chalf shalf", "connect C p1 chalf shalf"},
	reactions: []string{
		"in made C 1: losewrite C", "in made S 1: write S #; losewrite S", "in made E 1: losewrite E",
		"in readlost E 1: write E #", "in readlost E 1: write E #; lose E", "in readlost E 1: lose E", "in readlost E 1: losewrite E",
		"in readlost E 1: raise E", "in readlost E 1: abort E", "in writelost E 1: lose E", "in writelost E 1: raise E",
		"in writelost E 1: abort E", "in writelost E 1: write E #", "in received E N: losewrite E", "in received E N: write E #; losewrite E",
		"in received E 1: give E ConnectionDone", "in received E N: give E ConnectionLost",
	},
	steps: []string{
		"losewrite E", "losewrite E", "write E #; losewrite E", "write E #; losewrite E; write E #", "losewrite E; lose E", "losewrite E; abort E",
		"lose E; losewrite E", "losewrite E; losewrite E", "write E #", "writeseq E # #", "lose E", "abort E",
		"pause E", "resume E", "pause E; losewrite E", "push E", "unregister E", "pull E # 1; losewrite E", "write E #; lose E",
	},
	most: 7,
}

// ports: opened, closed and taken, with and without connections.
var ports = plot{
	connections: 4,
	connect:     []string{"connect C p1", "connect C p2", "connect C p1 refuse", "listen p1", "listen p2", "connect C p1"},
	reactions: []string{
		"in closed p1 1: listen p2", "in closed p1 1: relisten p1", "in startFactory p1 1: listen p2", "in made S 1: unlisten p1",
		"in made C 1: unlisten p1", "in failed F 1: listen p1", "in lost S 1: unlisten p1", "in stopFactory p1 1: relisten p1",
	},
	steps: []string{
		"listen p1", "listen p2", "clash p1", "clash p2", "unlisten p1", "unlisten p2", "relisten p1", "relisten p2",
		"connect C p1", "connect C p2", "connect C p2 refuse", "write E #", "write E #; lose E", "lose E", "abort E",
		"reconnect F", "reconnect F",
	},
	most: 9,
}

// connectors: attempts that fail, are given up, and are made again.
var connectors = plot{
	connections: 3,
	before:      []string{"listen p1"},
	connect: []string{
		"connect C p1", "connect C p1", "connect C p2", "connect C p1; stopconnecting F", "connect C p1; disconnect F",
		"connect C p1 refuse", "connect C p2; disconnect F", "connect C p1; reconnect F",
	},
	reactions: []string{
		"in started F N: stopconnecting F", "in started F N: disconnect F", "in started F N: reconnect F",
		"in failed F N: reconnect F", "in failed F N: reconnect F", "in lost F N: reconnect F", "in lost F N: reconnect F",
		"in failed F N: stopconnecting F", "in failed F N: disconnect F", "in lost F N: disconnect F", "in lost C N: reconnect F",
		"in lost C N: stopconnecting F", "in made C 1: disconnect F", "in made C 1: stopconnecting F", "in made C N: raise C",
		"in failed F 1: listen p2",
	},
	steps: []string{
		"reconnect F", "reconnect F", "reconnect F; stopconnecting F", "reconnect F; disconnect F", "reconnect F; reconnect F",
		"stopconnecting F", "disconnect F", "disconnect F", "write C #; disconnect F", "lose E", "abort E", "write E #",
		"unlisten p1", "relisten p1", "listen p2",
	},
	most: 8,
}

// retries: clients that connect again by themselves.
var retries = plot{
	connections: 2,
	connect:     []string{"connect C p1 retry N", "connect C p1 retry 3", "listen p1", "connect C p1 retry 1"},
	reactions: []string{
		"in failed F N: listen p1", "in failed F N: listen p1", "in failed F N: stoptrying F", "in failed F N: resetdelay F",
		"in lost F N: stoptrying F", "in lost F N: unlisten p1", "in made C N: resetdelay F", "in made C N: lose C",
		"in made S N: lose S", "in made C N: stoptrying F", "in started F 2: stopconnecting F", "in lost C 1: stoptrying F",
	},
	steps: []string{
		"listen p1", "unlisten p1", "relisten p1", "lose E", "lose E", "abort E", "write E #; lose E", "disconnect F",
		"stoptrying F", "resetdelay F", "resetdelay F; lose C", "write E #", "connect C p1 retry N",
	},
	most: 7,
}

// shutdown: the reactor stops, with connections open; and events of the
// script's own.
var shutdown = plot{
	connections: 3,
	before:      []string{"listen p1"},
	connect:     []string{"connect C p1", "connect C p1", "connect C p1", "listen p2", "connect C p1 retry 2", "connect C p2"},
	reactions: []string{
		"in received E N: stop reactor", "in received E N: stop reactor", "in failed F 1: stop reactor",
		"in trigger A 1: lose E", "in trigger A 1: write E #", "in trigger B 1: write E #", "in trigger B 1: fire A",
		"in trigger A 1: trigger D before shutdown", "in trigger G 1: trigger L after shutdown", "in trigger A 1: remove B",
		"in trigger A 1: unlisten p1", "in trigger A 1: stop reactor", "in lost E 1: fire A", "in lost E 1: trigger H during shutdown",
		"in stopFactory p1 1: trigger K after shutdown", "in trigger X 1: fire Y", "in trigger X 1: event other",
	},
	steps: []string{
		"trigger A before shutdown wait", "trigger A before shutdown wait", "trigger A before shutdown", "trigger B during shutdown",
		"trigger B before shutdown wait", "trigger B during shutdown wait", "trigger G after shutdown", "trigger G during shutdown",
		"trigger X before mine wait", "trigger X before mine", "trigger Y before mine wait", "trigger Y during mine", "trigger Z after mine",
		"trigger X during other", "trigger Z sometime mine", "event mine", "event mine", "event other", "fire X", "fire Y",
		"remove A", "remove B", "remove X; remove X", "write E #", "write E #; lose E", "push E", "unlisten p1",
		"stop reactor",
	},
	most:  9,
	after: []string{"stop reactor", "write E #", "stop reactor", "fire A", "fire B", "write E #"},
}
