package main

// change is some text of a source and what stands there with a mistake.
type change struct{ path, old, new string }

// seeded is a mistake in a host; without changes it cannot be made there, and why says so.
type seeded struct {
	changes []change
	why     string
}

// bug is a mistake, as it can be made in each host.
type bug struct {
	what string
	in   map[string]seeded
}

const (
	python    = "bench/peers/twisted/fence.py"
	node      = "bench/peers/node/fence.js"
	core      = geofence + "/geofence.go"
	onReactor = geofence + "/onreactor/service.go"
	inGo      = geofence + "/ingoroutines/service.go"
)

func one(path, old, new string) seeded { return seeded{changes: []change{{path, old, new}}} }

// bugs are the mistakes, in the table's order.
var bugs = []bug{
	{"the callback for what comes is misspelt", map[string]seeded{
		"twisted":   one(python, "def lineReceived(", "def lineRecieved("),
		"reactor":   one(onReactor, ") LineReceived(", ") LineRecieved("),
		"goroutine": one(inGo, ") Passed(", ") Pased("),
		"node":      one(node, "socket.on('data'", "socket.on('date'"),
	}},
	{"the callback for the end is misspelt", map[string]seeded{
		"twisted":   one(python, "def connectionLost(", "def connectionLots("),
		"reactor":   one(onReactor, ") ConnectionLost(", ") ConnectionLots("),
		"goroutine": one(inGo, "defer c.leave()", "defer c.laeve()"),
		"node":      one(node, "socket.on('close'", "socket.on('closed'"),
	}},
	{"an argument is forgotten", map[string]seeded{
		"twisted":   one(python, "                fence.saw(record, place)", "                fence.saw(record)"),
		"reactor":   one(core, "		f.saw(&r, at)\n	}\n}\n\n// Saw shows the fence", "		f.saw(&r)\n	}\n}\n\n// Saw shows the fence"),
		"goroutine": one(core, "		f.saw(&r, at)\n	}\n}\n\n// Saw shows the fence", "		f.saw(&r)\n	}\n}\n\n// Saw shows the fence"),
		"node":      one(node, "fence.saw(record, place);", "fence.saw(record);"),
	}},
	{"a wrong type: the radius is left a text", map[string]seeded{
		"twisted":   one(python, "place_of(location), float(radius))", "place_of(location), radius)"),
		"reactor":   one(core, "number(fields[3])", "fields[3]"),
		"goroutine": one(core, "number(fields[3])", "fields[3]"),
		"node":      one(node, "placeOf(location), Number(radius))", "placeOf(location), radius)"),
	}},
	{"a call that blocks for 200 ms in the callback", map[string]seeded{
		"twisted": one(python, "            place = place_of(record.location)\n", "            __import__(\"time\").sleep(0.2)\n            place = place_of(record.location)\n"),
		"reactor": {changes: []change{
			{onReactor, "{ s.set.Saw(line) }", "{ time.Sleep(200 * time.Millisecond); s.set.Saw(line) }"},
			{onReactor, "\t\"bytes\"\n", "\t\"bytes\"\n\t\"time\"\n"},
		}},
		"goroutine": one(inGo, "	s.set.Saw(line)\n", "	time.Sleep(200 * time.Millisecond)\n	s.set.Saw(line)\n"),
		"node":      one(node, "    const place = placeOf(record.location);\n", "    for (const until = Date.now() + 200; Date.now() < until;);\n    const place = placeOf(record.location);\n"),
	}},
	{"a record is kept for later without a copy", map[string]seeded{
		"twisted": {why: "cannot be: bytes do not change"},
		"reactor": one(onReactor, "{ s.set.Saw(line) }", "{ s.reactor.CallLater(0, func() { s.set.Saw(line) }) }"),
		"goroutine": one(inGo, "	s.mu.Lock()\n	defer s.mu.Unlock()\n	s.set.Saw(line)\n",
			"	go func() {\n		s.mu.Lock()\n		defer s.mu.Unlock()\n		s.set.Saw(line)\n	}()\n"),
		"node": {why: "cannot be: strings do not change"},
	}},
	{"a lock is forgotten", map[string]seeded{
		"twisted":   {why: "there is none"},
		"reactor":   {why: "there is none"},
		"goroutine": one(inGo, "	s.mu.Lock()\n	defer s.mu.Unlock()\n	s.set.Saw(line)\n", "	s.set.Saw(line)\n"),
		"node":      {why: "there is none"},
	}},
}
