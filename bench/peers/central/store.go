package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// report is one that is to be kept, unless a newer one of the client is.
type report struct {
	id   []byte
	rank []byte // as herd.Record.AppendOrder writes it
	line []byte // its AT line, with its end
}

// store is a database. It may be used from many goroutines at once.
type store interface {
	// put keeps each report, in their order, unless a newer one of its client is kept,
	// and returns once that is committed. It keeps none of the slices.
	put(ctx context.Context, reports []report) error

	// get returns the line of a client's newest report, which is the caller's; nil if
	// there is none.
	get(ctx context.Context, id []byte) ([]byte, error)

	close()
}

// errDatabase is a database that cannot be used.
var errDatabase = errors.New("the database cannot be used")

// Databases that are starting too are waited for.
const (
	patience = 20 * time.Second
	again    = 20 * time.Millisecond
)

// open connects to the database at a URL, and waits until it is there.
func open(ctx context.Context, address string, pool int) (store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDatabase, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch u.Scheme {
	case "redis":
		return openRedis(ctx, address, pool)
	case "postgres":
		return openPostgres(ctx, address, pool)
	}
	return nil, fmt.Errorf("%w: its address is %q, and must begin with redis:// or postgres://", errDatabase, address)
}

// until tries again and again until it works or ctx is done.
func until(ctx context.Context, works func(context.Context) error) error {
	ticker := time.NewTicker(again)
	defer ticker.Stop()
	for {
		err := works(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errDatabase, err)
		}
	}
}
