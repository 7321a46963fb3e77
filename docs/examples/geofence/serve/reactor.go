package main

import (
	"time"

	"proxyherd/docs/examples/geofence/onreactor"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/gnetreactor"
)

// slowTurn is what the herd command takes for a slow turn of the loop.
const slowTurn = 10 * time.Millisecond

// reactorLog has the server's log tell of errors, panics among them.
type reactorLog struct{ log *wirelog.Log }

// Msg implements reactor.Logger.
func (l reactorLog) Msg(prefix, message string) {
	l.log.Event(time.Now(), wirelog.Debug, message, wirelog.F("from", prefix))
}

// Err implements reactor.Logger.
func (l reactorLog) Err(prefix string, err error, why string) {
	l.log.Event(time.Now(), wirelog.Error, "an error that nobody took", wirelog.F("from", prefix), wirelog.F("error", err), wirelog.F("why", why))
}

func (p parts) onReactor() error {
	loop := gnetreactor.New(gnetreactor.Config{
		Log:      reactorLog{p.log},
		SlowTurn: slowTurn,
		OnSlowTurn: func(s gnetreactor.SlowTurn) {
			p.log.Event(time.Now(), wirelog.Warn, "slow turn", wirelog.F("took", s.Took), wirelog.F("longest", s.Callback))
		},
	})
	options := reactorherd.Options{Name: p.name, Config: p.config, Keys: p.keys, Upstream: p.client, Kind: upstream.Twitter{}, Log: p.log}
	// -- fence --
	fences := onreactor.New(loop, p.log)
	options.Onlooker = fences
	// -- server --
	server, err := reactorherd.New(loop, options)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	// -- fence --
	if p.fence != 0 {
		if err := fences.Start(server, p.host, p.fence); err != nil {
			return err
		}
	}
	// -- server --
	return loop.Run()
}
