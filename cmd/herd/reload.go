package main

import (
	"slices"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/wirelog"
)

// reload is what SIGHUP does beside opening the log anew: it reads the config and
// the secret again, and takes over what can be changed at work: the level of the
// log, and the secret for links that open from then on. Nothing is changed unless
// all can be read; the rest of what changed is told, and waits for a new start.
type reload struct {
	// read reads both again, as at the start; nil where the parent gave them.
	read func() (herd.Config, [][]byte, error)
	loop calling
	// setKeys is called on the loop, setLevel anywhere.
	setKeys  func(keys [][]byte) error
	setLevel func(wirelog.Level)
	log      *wirelog.Log

	config herd.Config // what the server runs on
}

// reloaded are the settings that reload takes over. The secret's file may be
// another one too, as what counts is what is in it.
var reloaded = []string{"log.level", "secret_file"}

// again reads and takes over. It is for one goroutine, and not the loop.
func (r *reload) again() {
	if r.read == nil {
		return
	}
	config, keys, err := r.read()
	if err != nil {
		r.event(wirelog.Error, "nothing was reloaded", wirelog.F("error", err))
		return
	}
	level, err := wirelog.ParseLevel(config.Log.Level)
	if err != nil {
		r.event(wirelog.Error, "nothing was reloaded", wirelog.F("error", err))
		return
	}
	r.loop.CallFromThread(func() {
		if err := r.setKeys(keys); err != nil {
			r.event(wirelog.Error, "the secret was not reloaded", wirelog.F("error", err))
			return
		}
		r.setLevel(level)
		r.event(wirelog.Info, "reloaded", wirelog.F("log.level", config.Log.Level), wirelog.F("secrets", len(keys)))
	})
	waiting := slices.DeleteFunc(configfile.Differing(r.config, config), func(key string) bool { return slices.Contains(reloaded, key) })
	if len(waiting) > 0 {
		r.event(wirelog.Warn, "settings that have changed wait for a new start", wirelog.F("settings", strings.Join(waiting, " ")))
	}
}

func (r *reload) event(level wirelog.Level, message string, fields ...wirelog.Field) {
	r.log.Event(time.Now(), level, message, fields...)
}
