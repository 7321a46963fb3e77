package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"proxyherd/herd"
)

// ownHerd starts the config's herd on free ports, for the run alone, and returns its
// config as it runs, and what ends it.
func (b *bench) ownHerd(ctx context.Context, config herd.Config) (_ herd.Config, end func() error, err error) {
	dir, err := os.MkdirTemp("", "herd-bench-")
	if err != nil {
		return config, nil, fmt.Errorf("a directory for the logs: %w", err)
	}
	remove := func() error { return os.RemoveAll(dir) }
	config, err = moved(config, dir)
	if err != nil {
		return config, nil, errors.Join(err, remove())
	}
	st, err := newStageFor(ctx, io.Discard, config)
	if err == nil {
		err = st.startAll()
	}
	if err != nil {
		if st != nil {
			err = errors.Join(err, st.clear())
		}
		return config, nil, errors.Join(err, remove())
	}
	for _, s := range config.Servers {
		b.options.PIDs = append(b.options.PIDs, st.running[s.Name].ID())
	}
	return config, func() error {
		st.ctx = context.WithoutCancel(ctx) // Ctrl-C ends the measurement, and the servers in order
		return errors.Join(st.stopAll(), st.clear(), remove())
	}, nil
}

// logOf is where a server writes its log.
func logOf(config herd.Config, server string) string {
	return filepath.Join(config.Log.Dir, server+".log")
}
