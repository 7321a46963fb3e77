package main

import (
	"proxyherd/reactor/internal/oracle/clock"
	"proxyherd/reactor/internal/oracle/deferreds"
	"proxyherd/reactor/internal/oracle/intn"
	"proxyherd/reactor/internal/oracle/lineonly"
	"proxyherd/reactor/internal/oracle/lines"
	"proxyherd/reactor/internal/oracle/loops"
	"proxyherd/reactor/internal/oracle/netstrings"
	"proxyherd/reactor/internal/oracle/policies"
	"proxyherd/reactor/internal/oracle/reconnecting"
	"proxyherd/reactor/internal/oracle/scenario"
	"proxyherd/reactor/internal/oracle/sockets"
)

// families is all there are. Each has a module of its name in the folder
// twisted, and a file of its name in testdata.
var families = []scenario.Family{
	lines.Family,
	lineonly.Family,
	netstrings.Family,
	intn.Family,
	policies.Family,
	clock.Family,
	loops.Family,
	deferreds.Family,
	reconnecting.Family,
	sockets.Family,
}
