package main

import (
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/sink"
	"proxyherd/herd/sink/pgsink"
	"proxyherd/herd/sink/redissink"
	"proxyherd/herd/wirelog"
)

// databaseOf makes what writes to the config's sink, and reads the password; nil if
// there is no sink. Nobody is dialled yet.
func databaseOf(config herd.Config) (db sink.Database, err error) {
	if config.Sink.Kind == "" {
		return nil, nil
	}
	password, err := configfile.SinkPassword(config.Sink)
	if err != nil {
		return nil, err
	}
	switch config.Sink.Kind { // Check knows no other
	case herd.SinkRedis:
		db, err = redissink.Open(config.Sink.URL, password, config.Herd)
	case herd.SinkPostgres:
		db, err = pgsink.Open(config.Sink.URL, password, config.Herd)
	}
	return db, err
}

// checkDatabase finds what would keep databaseOf from making one.
func checkDatabase(config herd.Config) error {
	db, err := databaseOf(config)
	if err == nil && db != nil {
		db.Close()
	}
	return err
}

// openSink makes the server's sink; nil if it has none.
func (m *member) openSink(config herd.Config, log *wirelog.Log) (*sink.Sink, error) {
	if !config.SinkOf(m.name) {
		return nil, nil
	}
	db, err := databaseOf(config)
	if err != nil {
		return nil, err
	}
	return sink.New(sink.Options{Settings: config.Sink, Future: time.Duration(config.Future), Database: db, Log: log}), nil
}

// serverOf is a host as its sink needs it.
func serverOf(h host) sink.Server {
	return sink.Server{Walk: func() sink.Walk { return sink.Walk(h.Walk()) }, Take: h.Take}
}
