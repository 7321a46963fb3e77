package main

import (
	"proxyherd/herd"
	"proxyherd/herd/freeport"
)

// elsewhere returns the built-in herd, its stand-in included, on free ports, and
// with its logs in dir.
func elsewhere(dir string) (herd.Config, error) { return moved(herd.Default(), dir) }

// moved returns a herd as elsewhere does, with its other settings as they are.
func moved(config herd.Config, dir string) (herd.Config, error) {
	const perServer = 3
	at, err := freeport.Find(perServer*len(config.Servers) + 1)
	if err != nil {
		return herd.Config{}, err
	}
	for i := range config.Servers {
		s, mine := &config.Servers[i], at[perServer*i:]
		s.Clients, s.Peers, s.HTTP, s.Listen = mine[0], mine[1], mine[2], herd.Listen{}
	}
	config.Upstream.URL = "http://" + at[len(at)-1] + "/search.json"
	config.Log.Dir = dir
	return config, nil
}
